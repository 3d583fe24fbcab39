using System.Text;
using System.Text.Json;
using Parley.Common.Records;
using Parley.Standalone.Broker;
using Parley.Standalone.CommandLine;

namespace Parley.Unit.Standalone.CommandLine;

/// <summary>What the commands print.</summary>
public sealed class LineTests
{
    [Fact]
    public void A_followed_record_is_one_line_of_json_with_its_data_in_it()
    {
        var record = Record("{\"text\":\"schön ×\",\n \"n\":1}", ("ce_type", "parley.message.v1"), ("ce_id", "1"));

        var line = FollowCommand.Line(record);

        Assert.DoesNotContain('\n', line);
        Assert.Contains("schön ×", line, StringComparison.Ordinal);
        var json = JsonDocument.Parse(line).RootElement;
        Assert.Equal(["topic", "partition", "offset", "key", "type", "headers", "data"], json.EnumerateObject().Select(p => p.Name));
        Assert.Equal(("parley.inbound", 3, 42), (json.GetProperty("topic").GetString(), json.GetProperty("partition").GetInt32(), json.GetProperty("offset").GetInt64()));
        Assert.Equal("parley.message.v1", json.GetProperty("type").GetString());
        Assert.Equal("1", json.GetProperty("headers").GetProperty("ce_id").GetString());
        Assert.Equal(1, json.GetProperty("data").GetProperty("n").GetInt32());
    }

    [Theory]
    [InlineData("not json", "\"data\":\"not json\"")]
    [InlineData(null, "\"data\":null")]
    public void Data_that_is_not_json_is_shown_as_it_is(string? value, string part) => Assert.Contains(part, FollowCommand.Line(Record(value)), StringComparison.Ordinal);

    [Fact]
    public void A_history_line_tells_direction_text_and_delivery()
    {
        Assert.EndsWith("customer  hello", History("""{"direction":"inbound","content":{"type":"text","text":"hello"},"timestamp":"2026-11-22T12:00:00Z"}"""), StringComparison.Ordinal);
        Assert.EndsWith(
            "parley  hi   (failed: 131047: closed)",
            History("""{"direction":"outbound","content":{"type":"text","text":"hi"},"timestamp":"2026-11-22T12:00:00Z","delivery":{"status":"failed","reason":"131047: closed"}}"""),
            StringComparison.Ordinal);
        Assert.Equal("--:--:--  customer  [image]", History("""{"direction":"inbound","content":{"type":"image"}}"""));
    }

    [Fact]
    public void Health_is_said_in_words() => Assert.Equal(
        "degraded (store healthy, broker healthy, engine degraded)",
        HealthCommand.Words(JsonDocument.Parse("""{"status":"degraded","databases":{"store":"healthy"},"broker":"healthy","engine":"degraded","timestamp":"x"}""").RootElement));

    [Theory]
    [InlineData("""{"detail":"conversation not found"}""", "HTTP 404: conversation not found")]
    [InlineData("""{"detail":[{"loc":["body","content","text"],"msg":"Field required","type":"missing"}]}""", "HTTP 404: body.content.text: Field required")]
    [InlineData("""{"error":{"message":"Rate limit exceeded"}}""", "HTTP 404: Rate limit exceeded")]
    [InlineData("<html>", "HTTP 404")]
    public void What_the_api_refuses_is_said_in_one_line(string body, string said) => Assert.Equal(said, new InstanceAnswer(404, Encoding.UTF8.GetBytes(body)).Problem());

    private static string History(string json) => HistoryCommand.Line(JsonDocument.Parse(json).RootElement);

    private static TailRecord Record(string? value, params (string Name, string Value)[] headers) => new(
        "parley.inbound", 3, 42,
        new KafkaRecord("k", value is null ? null : Encoding.UTF8.GetBytes(value), [.. headers.Select(h => new KeyValuePair<string, byte[]>(h.Name, Encoding.UTF8.GetBytes(h.Value)))]));
}
