using System.Net;
using System.Text.Json;
using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.TestKit;

namespace Parley.Integration.Ingest;

public sealed class RedriveTests(IngestAppFixture fixture) : IClassFixture<IngestAppFixture>
{
    private static readonly string[] Manager = ["chat:read", "conversation:manage"];
    private readonly IngestApp _app = fixture.App;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("retry", CommandNames.Redrive)]
    [InlineData("skip", CommandNames.Skip)]
    public async Task A_parked_conversation_is_released_by_a_command_on_the_inbound_topic(string action, string command)
    {
        var message = await ParkAsync($"parked-{action}");
        using var response = await PostAsync(message.ConversationId, new { action, reason = "fixed" });
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var data = (await IngestApp.JsonAsync(response, Stop)).GetProperty("data");

        var record = Assert.Single(_app.Topic(Topics.Inbound), e => e.Key == message.Key.ToRecordKey());
        var sent = JsonSerializer.Deserialize(record.Text, ParleyJson.Default.ConversationCommand)!;
        Assert.Equal(
            (command, "tester", "fixed", data.GetProperty("command_id").GetString()), (sent.Command, sent.By, sent.Reason, sent.CommandId));
        Assert.Equal(RecordTypes.Command, record.Headers["ce_type"]);
    }

    [Fact]
    public async Task Shows_how_a_parked_conversation_stands()
    {
        var message = await ParkAsync("parked-shown");
        using var response = await _app.SendAsync(HttpMethod.Get, $"/api/v2/chat/conversations/{message.ConversationId}", Stop, IngestApp.Token());
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var data = (await IngestApp.JsonAsync(response, Stop)).GetProperty("data");
        Assert.Equal("parked", data.GetProperty("status").GetString());
        Assert.Equal(
            """{"reason":"it broke","messages":1,"oldest_message_id":"parked-shown","attempts":5,"since":"2026-01-01T00:00:01+00:00"}""",
            data.GetProperty("parked").GetRawText());
    }

    [Fact]
    public async Task A_message_to_a_parked_conversation_is_accepted_and_not_answered()
    {
        var message = await ParkAsync("parked-again");
        using var response = await _app.SendAsync(
            HttpMethod.Post, "/api/v2/chat/message", Stop, IngestApp.Token(),
            new { user_id = "parked-again", message_id = "parked-again", conversation_id = message.ConversationId, content = new { type = "text", text = "hi" } });
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    [Fact]
    public async Task A_conversation_that_is_not_parked_is_a_conflict_and_shows_nothing_parked()
    {
        var message = Messages.Text("hi", "redrive-active");
        await _app.AnswerAsync(message, "hello", Stop);
        using var refused = await PostAsync(message.ConversationId, new { action = "retry" });
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        using var shown = await _app.SendAsync(HttpMethod.Get, $"/api/v2/chat/conversations/{message.ConversationId}", Stop, IngestApp.Token());
        var data = (await IngestApp.JsonAsync(shown, Stop)).GetProperty("data");
        Assert.Equal("active", data.GetProperty("status").GetString());
        Assert.False(data.TryGetProperty("parked", out _));
    }

    [Fact]
    public async Task Checks_the_body_before_the_permission_and_the_permission_before_the_conversation()
    {
        using var body = await PostAsync("c_none", new { action = "explode", extra = 1 }, permissions: []);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, body.StatusCode);
        var wrong = (await IngestApp.JsonAsync(body, Stop)).GetProperty("detail").EnumerateArray().Select(e => e.GetProperty("loc")[1].GetString());
        Assert.Equal(["action", "extra"], wrong.Order());

        using var permission = await PostAsync("c_none", new { action = "retry" }, permissions: ["chat:send", "chat:read"]);
        Assert.Equal(HttpStatusCode.Forbidden, permission.StatusCode);
        Assert.Contains("conversation:manage", await permission.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);

        using var unknown = await PostAsync("c_none", new { action = "retry" });
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        using var shown = await _app.SendAsync(HttpMethod.Get, "/api/v2/chat/conversations/c_none", Stop, IngestApp.Token());
        Assert.Equal(HttpStatusCode.NotFound, shown.StatusCode);
    }

    [Fact]
    public async Task Another_tenants_conversation_is_not_there()
    {
        var message = await ParkAsync("parked-private");
        using var response = await _app.SendAsync(
            HttpMethod.Post, $"/api/v2/chat/conversations/{message.ConversationId}/redrive", Stop, IngestApp.Token(IngestApp.OtherTenant, permissions: Manager), new { action = "skip" });
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    private Task<HttpResponseMessage> PostAsync(string conversation, object body, string[]? permissions = null) => _app.SendAsync(
        HttpMethod.Post, $"/api/v2/chat/conversations/{conversation}/redrive", Stop, IngestApp.Token(permissions: permissions ?? Manager), body);

    private async Task<InboundMessage> ParkAsync(string user)
    {
        var message = Messages.Text("hi", user, user);
        var parked = new ParkedMessage(message, 1, "t_1", 0, 0, "it broke", 5, message.ReceivedAt!.Value);
        var outcomes = await _app.Store.CommitAsync(
            [
                new TurnCommit
                {
                    Key = message.Key, ExpectedVersion = 0, TurnId = "p_" + user, Messages = [new CommittedMessage(message, 1, 0, 0)], Replies = [], Parked = [parked],
                    State = new ConversationState
                    {
                        Version = 1, LastSeq = 1, Channel = message.Channel, Account = message.Account, Participant = message.Participant,
                        Status = ConversationStatus.Parked, ParkedReason = "it broke",
                    },
                    Facts = new TurnFacts { Parked = true, Reason = "it broke" },
                },
            ],
            Stop);
        Assert.Equal([CommitOutcome.Committed], outcomes);
        return message;
    }
}
