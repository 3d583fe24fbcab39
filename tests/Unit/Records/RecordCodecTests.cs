using System.Text;
using System.Text.Json;
using Parley.Common.Records;
using Parley.TestKit;

namespace Parley.Unit.Records;

public sealed class RecordCodecTests
{
    [Fact]
    public void A_message_survives_the_way_through_a_record()
    {
        var message = Messages.Text("hello");
        var decoded = Assert.IsType<DecodedRecord.OfMessage>(RecordCodec.Decode(RecordCodec.Encode(message, "/test")));
        Assert.Equal(message, decoded.Message);
    }

    [Fact]
    public void Writes_CloudEvents_in_binary_content_mode()
    {
        var record = RecordCodec.Encode(Messages.Text("hello", id: "m1"), "/test");
        Assert.Equal("1.0", record.Header("ce_specversion"));
        Assert.Equal("parley.message.v1", record.Header("ce_type"));
        Assert.Equal("/test", record.Header("ce_source"));
        Assert.Equal("application/json", record.Header("content-type"));
        Assert.Equal(record.Header("ce_id"), RecordCodec.Encode(Messages.Text("other text", id: "m1"), "/test").Header("ce_id"));
        Assert.StartsWith("4:demo:c_", record.Key);
    }

    [Fact]
    public void Keeps_members_it_does_not_know()
    {
        var json = JsonSerializer.Serialize(Messages.Text("x"), ParleyJson.Default.InboundMessage);
        var record = With(Encoding.UTF8.GetBytes(json[..^1] + ",\"mood\":\"good\"}"));
        var decoded = Assert.IsType<DecodedRecord.OfMessage>(RecordCodec.Decode(record));
        Assert.Contains("\"mood\":\"good\"", JsonSerializer.Serialize(decoded.Message, ParleyJson.Default.InboundMessage));
    }

    [Theory]
    [InlineData("ce_type", null, "ce_type")]
    [InlineData("ce_type", "parley.message.v99", "parley.message.v99")]
    [InlineData("ce_specversion", "0.3", "ce_specversion")]
    public void Says_which_header_is_wrong(string header, string? value, string expected)
    {
        var record = RecordCodec.Encode(Messages.Text("x"), "/test");
        var headers = record.Headers.Where(h => h.Key != header).ToList();
        if (value is not null) headers.Add(new(header, Encoding.UTF8.GetBytes(value)));
        Assert.Contains(expected, Unreadable(record with { Headers = headers }));
    }

    [Theory]
    [InlineData("", "no data")]
    [InlineData("{", "not valid")]
    [InlineData("null", "not valid")]
    [InlineData("[]", "not valid")]
    [InlineData("{\"tenant\":\"demo\"}", "conversation_id")]
    [InlineData("\u0000\u0001", "not valid")]
    public void Says_what_is_wrong_with_the_data(string data, string expected) =>
        Assert.Contains(expected, Unreadable(With(Encoding.UTF8.GetBytes(data))));

    [Fact]
    public void Refuses_a_record_under_another_conversations_key() =>
        Assert.Contains("key", Unreadable(RecordCodec.Encode(Messages.Text("x"), "/test") with { Key = "4:demo:another" }));

    [Fact]
    public void Refuses_ids_that_are_too_long() =>
        Assert.Contains("message_id", Unreadable(RecordCodec.Encode(Messages.Text("x", id: new string('m', 300)), "/test")));

    [Fact]
    public void Never_throws_on_random_bytes()
    {
        var random = new Random(3);
        var good = JsonSerializer.SerializeToUtf8Bytes(Messages.Text("hello"), ParleyJson.Default.InboundMessage);
        for (var i = 0; i < 3_000; i++)
        {
            var bytes = good.ToArray();
            for (var flips = random.Next(1, 6); flips > 0; flips--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            Assert.NotNull(RecordCodec.Decode(With(bytes)));
        }
    }

    private static KafkaRecord With(byte[] data) => RecordCodec.Encode(Messages.Text("x"), "/test") with { Value = data };

    [Fact]
    public void A_command_comes_back_as_it_was_written()
    {
        var command = new ConversationCommand { Tenant = "demo", ConversationId = "c_1", CommandId = "1", Command = CommandNames.Redrive, By = "ann" };
        Assert.Equal(command, Assert.IsType<DecodedRecord.OfCommand>(RecordCodec.Decode(RecordCodec.Encode(command, "/test"))).Command);
    }

    [Theory]
    [InlineData("explode", "1", "command 'explode'")]
    [InlineData(CommandNames.Skip, "", "command_id")]
    public void A_command_that_is_none_is_unreadable_by_name(string command, string id, string named) => Assert.Contains(
        named, Unreadable(RecordCodec.Encode(new ConversationCommand { Tenant = "demo", ConversationId = "c_1", CommandId = id, Command = command }, "/test")), StringComparison.Ordinal);

    private static string Unreadable(KafkaRecord record) => Assert.IsType<DecodedRecord.Unreadable>(RecordCodec.Decode(record)).Reason;
}
