using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.TestKit;
using Parley.TestKit.Kafka;

namespace Parley.Integration.Ingest;

public sealed class PostMessageTests(IngestAppFixture fixture) : IClassFixture<IngestAppFixture>
{
    private const string Path = "/api/v2/chat/message";
    private readonly IngestApp _app = fixture.App;

    [Fact]
    public async Task Is_accepted_at_once_when_asked_and_in_the_topic_by_then()
    {
        using var response = await PostAsync(new { user_id = "u1", message_id = "m-async", content = Text("hi") }, prefer: "respond-async");
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var conversation = DerivedId.Conversation("demo", "web", "site", "u1");
        Assert.Equal($"/api/v2/chat/conversations/{conversation}/history", response.Headers.Location?.ToString());
        Assert.Equal("respond-async", response.Headers.GetValues("Preference-Applied").Single());
        var body = await IngestApp.JsonAsync(response, Stop);
        Assert.Equal("accepted", body.GetProperty("status").GetString());
        Assert.Equal(("m-async", conversation), (body.GetProperty("data").GetProperty("message_id").GetString(), body.GetProperty("data").GetProperty("conversation_id").GetString()));

        var message = Assert.Single(Published(), m => m.MessageId == "m-async");
        Assert.Equal(("demo", conversation, "web", "site", "u1", "hi"), (message.Tenant, message.ConversationId, message.Channel, message.Account, message.Participant.Id, message.Content.Text));
        Assert.NotNull(message.ReceivedAt);
    }

    [Fact]
    public async Task Waits_for_the_turn_and_answers_with_it()
    {
        var posting = PostAsync(new { user_id = "u2", message_id = "m-wait", content = Text("hi"), context = new { plan = "gold" } });
        var message = await Eventually.Until(() => Published().FirstOrDefault(m => m.MessageId == "m-wait"), m => m is not null, Stop);
        var reply = await _app.AnswerAsync(message!, "hello", Stop);

        using var response = await posting;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var body = await IngestApp.JsonAsync(response, Stop);
        Assert.Equal("success", body.GetProperty("status").GetString());
        var data = body.GetProperty("data");
        Assert.Equal("m-wait", data.GetProperty("message_id").GetString());
        Assert.Equal(
            """{"type":"choices","content":"hello","suggested_actions":[{"id":"yes","title":"Yes"}],"fallback":false}""", data.GetProperty("response").GetRawText());
        Assert.Equal(
            $$"""{"status":"active","session_id":"s_1","turn_id":"{{reply.TurnId}}","next_expected_inputs":["yes"]}""", data.GetProperty("conversation_state").GetRawText());
        Assert.Equal(
            $$"""{"processing_time_ms":12,"model_used":"m1","model_provider":"p1","confidence_score":0.5,"delivery_status":"pending","reply_id":"{{reply.ReplyId}}"}""",
            data.GetProperty("processing_metadata").GetRawText());
        Assert.Equal("gold", message!.Context?.GetProperty("plan").GetString());
    }

    [Fact]
    public async Task Sent_again_it_is_answered_the_same_without_a_second_record()
    {
        var message = Messages.Text("hi", "u3", "m-again");
        await _app.AnswerAsync(message, "once", Stop);
        var before = _app.Topic(Topics.Inbound).Count;
        var answers = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            using var response = await PostAsync(new { user_id = "u3", message_id = "m-again", content = Text("hi") });
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            answers.Add(await response.Content.ReadAsStringAsync(Stop));
        }

        Assert.Equal(answers[0], answers[1]);
        Assert.Contains("once", answers[0], StringComparison.Ordinal);
        Assert.Equal(before, _app.Topic(Topics.Inbound).Count);
    }

    [Fact]
    public async Task The_answer_to_a_message_of_another_conversation_is_not_given_away()
    {
        await _app.AnswerAsync(Messages.Text("hi", "u4", "m-mine"), "for u4 only", Stop);
        using var response = await PostAsync(new { user_id = "u5", message_id = "m-mine", content = Text("hi") });
        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.DoesNotContain("u4", await response.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_accepted_when_the_turn_takes_longer_than_the_wait()
    {
        using var response = await PostAsync(new { user_id = "u6", content = Text("hi") }, prefer: "wait=0");
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var data = (await IngestApp.JsonAsync(response, Stop)).GetProperty("data");
        Assert.Equal(7, Guid.Parse(data.GetProperty("message_id").GetString()!).Version);
    }

    [Fact]
    public async Task A_caller_may_name_the_conversation()
    {
        using var response = await PostAsync(new { user_id = "u7", conversation_id = "order-77", message_id = "m-named", content = Text("hi") }, prefer: "respond-async");
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("order-77", Assert.Single(Published(), m => m.MessageId == "m-named").ConversationId);
        Assert.Contains(_app.Topic(Topics.Inbound), e => e.Key == "4:demo:order-77");
    }

    [Fact]
    public async Task An_idempotency_key_makes_repeated_calls_one_message()
    {
        var body = """{"user_id":"u8","content":{"type":"text","text":"pay"}}""";
        var ids = new HashSet<string>();
        await Parallel.ForAsync(0, 10, Stop, async (_, cancellation) =>
        {
            using var response = await _app.SendAsync(HttpMethod.Post, Path, cancellation, IngestApp.Token(), body, ("Idempotency-Key", "k1"), ("Prefer", "respond-async"));
            Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
            var id = (await IngestApp.JsonAsync(response, cancellation)).GetProperty("data").GetProperty("message_id").GetString()!;
            lock (ids) ids.Add(id);
        });
        Assert.Single(ids);

        using var other = await _app.SendAsync(
            HttpMethod.Post, Path, Stop, IngestApp.Token(), body.Replace("pay", "pay twice", StringComparison.Ordinal), ("Idempotency-Key", "k1"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
        Assert.Equal("Idempotency-Key", (await IngestApp.JsonAsync(other, Stop)).GetProperty("detail")[0].GetProperty("loc")[1].GetString());

        using var stranger = await _app.SendAsync(
            HttpMethod.Post, Path, Stop, IngestApp.Token(subject: "somebody else"), body, ("Idempotency-Key", "k1"), ("Prefer", "respond-async"));
        Assert.DoesNotContain((await IngestApp.JsonAsync(stranger, Stop)).GetProperty("data").GetProperty("message_id").GetString()!, ids);
    }

    [Fact]
    public async Task Messages_are_taken_while_the_store_is_away()
    {
        await using var app = await IngestApp.StartAsync(
            Stop, configure: b => b.Services.AddSingleton<IConversationStore>(BrokenStore.Failing(() => new StoreUnavailableException("away"))));
        using var response = await app.SendAsync(HttpMethod.Post, Path, Stop, IngestApp.Token(), new { user_id = "u", content = Text("hi") }, ("Prefer", "respond-async"));
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Single(app.Topic(Topics.Inbound));
    }

    public static TheoryData<string, HttpStatusCode> VisitorBodies => new()
    {
        { """{"user_id":"v1","content":{"type":"text","text":"a"}}""", HttpStatusCode.Accepted },
        { """{"user_id":"v1","conversation_id":"c_visitor","account":"site","channel":"web","content":{"type":"text","text":"a"}}""", HttpStatusCode.Accepted },
        { """{"user_id":"v1","conversation_id":"c_other","content":{"type":"text","text":"a"}}""", HttpStatusCode.NotFound },
        { """{"user_id":"v2","content":{"type":"text","text":"a"}}""", HttpStatusCode.Forbidden },
        { """{"user_id":"v1","channel":"whatsapp","content":{"type":"text","text":"a"}}""", HttpStatusCode.Forbidden },
        { """{"user_id":"v1","context":{"is_admin":true},"content":{"type":"text","text":"a"}}""", HttpStatusCode.Forbidden },
        { """{"user_id":"v1","account":"other-site","content":{"type":"text","text":"a"}}""", HttpStatusCode.UnprocessableEntity },
    };

    [Theory, MemberData(nameof(VisitorBodies))]
    public async Task A_visitor_writes_in_its_own_conversation_only(string body, HttpStatusCode expected)
    {
        var token = IngestApp.Token(
            subject: "v1", more: new Dictionary<string, object> { ["user_role"] = "visitor", ["account"] = "site", ["conversation_id"] = "c_visitor" });
        var before = _app.Topic(Topics.Inbound).Count;
        using var response = await _app.SendAsync(HttpMethod.Post, Path, Stop, token, body, ("Prefer", "respond-async"));
        Assert.Equal(expected, response.StatusCode);
        var published = _app.Topic(Topics.Inbound).Count - before;
        Assert.Equal(expected == HttpStatusCode.Accepted ? 1 : 0, published);
        if (published > 0) Assert.Contains(_app.Topic(Topics.Inbound), e => e.Key == "4:demo:c_visitor");
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static object Text(string text) => new { type = "text", text };

    private Task<HttpResponseMessage> PostAsync(object body, string? prefer = null) =>
        _app.SendAsync(HttpMethod.Post, Path, Stop, IngestApp.Token(), body, prefer is null ? [] : [("Prefer", prefer)]);

    private List<InboundMessage> Published() =>
        [.. _app.Topic(Topics.Inbound).Select(e => (RecordCodec.Decode(ToRecord(e)) as DecodedRecord.OfMessage)?.Message).OfType<InboundMessage>()];

    private static KafkaRecord ToRecord(TopicReader.Entry entry) =>
        new(entry.Key, entry.Value, [.. entry.Headers.Select(h => KeyValuePair.Create(h.Key, Encoding.UTF8.GetBytes(h.Value)))]);
}
