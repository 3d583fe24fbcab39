using System.Text;
using NJsonSchema;
using Parley.Common.Records;
using Parley.TestKit;

namespace Parley.Unit.Records;

/// <summary>What the code writes is what the published schemas say.</summary>
public sealed class SchemaTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static TheoryData<string, KafkaRecord> Records()
    {
        var message = Messages.Text("hello") with
        {
            ReplyTo = "m0",
            Thread = "t",
            Participant = new Participant("ann", "Ann", ["US.1"]),
            Content = new MessageContent { Type = "image", Text = "caption", Media = [new MediaReference("1", "image/png", "x", "a.png", 12, "https://example.org/1")] },
        };
        var reply = new Reply
        {
            ReplyId = "r_1", TurnId = "t_1", Tenant = "demo", ConversationId = "c_1", Channel = "web", Account = "site", To = "ann", Seq = 2, InReplyTo = ["m1"],
            Content = new ReplyContent { Type = "choices", Text = "which?", Actions = [new ReplyAction("a", "A", "the first")] }, CreatedAt = At,
        };
        var receipt = new Receipt { Tenant = "demo", ConversationId = "c_1", Channel = "web", Account = "site", ReplyId = "r_1", Status = DeliveryStatus.Delivered, At = At };
        var fact = new ConversationEvent { EventId = "e", Name = EventNames.MessageProcessed, Tenant = "demo", ConversationId = "c_1", Channel = "web", MessageId = "m1", At = At };
        return new TheoryData<string, KafkaRecord>
        {
            { "parley.message.v1", RecordCodec.Encode(message, "/test") },
            { "parley.message.v1", RecordCodec.Encode(Messages.Text("plain"), "/test") },
            { "parley.reply.v1", RecordCodec.Encode(reply, "/test") },
            { "parley.receipt.v1", RecordCodec.Encode(receipt, "/test") },
            { "parley.event.v1", RecordCodec.Encode(fact, "/test") },
            { "parley.event.v1", RecordCodec.Encode(fact with { Name = EventNames.ConversationReleased }, "/test") },
            { "parley.command.v1", RecordCodec.Encode(new ConversationCommand { Tenant = "demo", ConversationId = "c_1", CommandId = "1", Command = CommandNames.Skip, By = "ann", Reason = "spam", At = At }, "/test") },
        };
    }

    [Theory]
    [MemberData(nameof(Records))]
    public async Task A_record_keeps_to_its_schema(string schema, KafkaRecord record) =>
        Assert.Empty((await LoadAsync(schema)).Validate(Encoding.UTF8.GetString(record.Value!)));

    [Fact]
    public async Task The_schema_refuses_a_message_without_content() =>
        Assert.NotEmpty((await LoadAsync("parley.message.v1")).Validate("""{"tenant":"demo","conversation_id":"c","channel":"web","account":"a","participant":{"id":"x"},"message_id":"m"}"""));

    [Fact]
    public async Task Every_member_the_code_writes_is_described()
    {
        foreach (var row in Records())
        {
            var (schema, record) = row.Data;
            var described = (await LoadAsync(schema)).Properties.Keys;
            var written = System.Text.Json.JsonDocument.Parse(record.Value!).RootElement.EnumerateObject().Select(p => p.Name);
            Assert.Empty(written.Except(described));
        }
    }

    private static Task<JsonSchema> LoadAsync(string name) => JsonSchema.FromFileAsync(Path.Combine(Repository.Root, "contracts", "schemas", name + ".json"), TestContext.Current.CancellationToken);
}
