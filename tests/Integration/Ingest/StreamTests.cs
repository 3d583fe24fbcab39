using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Parley.Common.Backplane;
using Parley.Common.Records;
using Parley.Ingest.Api.Conversations;
using Parley.TestKit;

namespace Parley.Integration.Ingest;

public sealed class StreamTests : IAsyncLifetime
{
    private IngestApp _app = null!;

    public async ValueTask InitializeAsync() => _app = await IngestApp.StartAsync(
        Stop,
        new Dictionary<string, string>
        {
            ["Ingest:StreamHeartbeat"] = "00:00:00.2",
            ["Ingest:StreamWriteTimeout"] = "00:00:00.3",
            ["Ingest:StreamsPerSubject"] = "2",
        },
        kind: null);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Tells_what_is_new_typing_and_delivery()
    {
        var message = Messages.Text("one", "listener", "s-1");
        await _app.AnswerAsync(message, "re one", Stop);
        await using var stream = await OpenAsync(message.ConversationId);
        await _app.Backplane.PublishAsync(Notices.Conversation(message.Key), Notices.Typing);
        Assert.Equal(("typing", null, "{}"), await stream.NextAsync(Stop));

        var reply = await _app.AnswerAsync(message with { MessageId = "s-2" }, "re two", Stop);
        var (name, id, data) = await stream.NextAsync(Stop);
        Assert.Equal(("message", "3"), (name, id));
        Assert.Contains("\"message_id\":\"s-2\"", data, StringComparison.Ordinal);
        (name, id, data) = await stream.NextAsync(Stop);
        Assert.Equal(("message", "4"), (name, id));
        Assert.Contains("\"text\":\"re two\"", data, StringComparison.Ordinal);

        await _app.Backplane.PublishAsync(Notices.Conversation(message.Key), $"{Notices.DeliveryPrefix}{reply.ReplyId}:{DeliveryStatus.Delivered}");
        Assert.Equal(("delivery", null, $$"""{"message_id":"{{reply.ReplyId}}","status":"delivered"}"""), await stream.NextAsync(Stop));
    }

    [Theory]
    [InlineData("Last-Event-ID")]
    [InlineData("query")]
    public async Task Goes_on_after_the_last_event_that_was_seen(string how)
    {
        var message = Messages.Text("one", "returning", "r-1");
        for (var i = 1; i <= 3; i++) await _app.AnswerAsync(message with { MessageId = $"r-{i}" }, $"re {i}", Stop);

        await using var stream = await OpenAsync(message.ConversationId, lastEventId: how == "query" ? null : "3", query: how == "query" ? "?last_event_id=3" : "");
        for (var seq = 4; seq <= 6; seq++) Assert.Equal($"{seq}", (await stream.NextAsync(Stop)).Id);
    }

    [Fact]
    public async Task Finds_news_although_the_notice_was_lost()
    {
        var message = Messages.Text("one", "deaf", "d-1");
        await _app.AnswerAsync(message, "re one", Stop);
        await using var stream = await OpenAsync(message.ConversationId);

        // Committed in a process that this one's backplane does not reach.
        await using var other = await IngestApp.StartAsync(Stop, new Dictionary<string, string> { ["Store:ConnectionString"] = StorePath }, kind: null);
        await other.AnswerAsync(message with { MessageId = "d-2" }, "re two", Stop);
        Assert.Equal("3", (await stream.NextAsync(Stop)).Id);
    }

    [Fact]
    public async Task Keeps_a_silent_stream_alive()
    {
        var message = Messages.Text("one", "silent", "q-1");
        await _app.AnswerAsync(message, "re one", Stop);
        await using var stream = await OpenAsync(message.ConversationId);
        Assert.Equal(": alive", await stream.NextCommentAsync(Stop));
        Assert.Equal(": alive", await stream.NextCommentAsync(Stop));
    }

    [Fact]
    public async Task Ends_with_its_token()
    {
        var message = Messages.Text("one", "expiring", "e-1");
        await _app.AnswerAsync(message, "re one", Stop);
        await using var stream = await OpenAsync(message.ConversationId, token: IngestApp.Token(expires: DateTime.UtcNow.AddSeconds(1)));
        Assert.Null(await stream.EndAsync(Stop));
    }

    [Fact]
    public async Task One_subject_may_have_so_many_open_and_no_more()
    {
        var message = Messages.Text("one", "greedy", "g-1");
        await _app.AnswerAsync(message, "re one", Stop);
        await using (await OpenAsync(message.ConversationId))
        {
            await using var second = await OpenAsync(message.ConversationId);
            using var third = await GetAsync(message.ConversationId);
            Assert.Equal(HttpStatusCode.TooManyRequests, third.StatusCode);
            await using var neighbour = await OpenAsync(message.ConversationId, token: IngestApp.Token(subject: "somebody else"));
        }

        await Eventually.True(() => HasNoStream("tester"), Stop);
    }

    [Fact]
    public async Task A_reader_that_does_not_read_is_cut_off()
    {
        // More than the system keeps for a connection: about 8 MB.
        var message = Messages.Text(new string('x', 16_000), "slow", "w-0");
        for (var i = 0; i < 250; i++) await _app.AnswerAsync(message with { MessageId = $"w-{i}" }, new string('y', 16_000), Stop);

        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync("127.0.0.1", _app.Address.Port, Stop);
        var request = $"GET /api/v2/chat/conversations/{message.ConversationId}/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {IngestApp.Token(subject: "slow")}\r\nLast-Event-ID: 0\r\n\r\n";
        await socket.SendAsync(Encoding.ASCII.GetBytes(request), Stop);
        Assert.True(await socket.ReceiveAsync(new byte[64], Stop) > 0);
        Assert.False(HasNoStream("slow"));

        await Eventually.True(() => HasNoStream("slow"), Stop);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("x")]
    [InlineData("1.5")]
    [InlineData("99999999999999999999")]
    public async Task An_event_id_that_never_was_is_refused(string id)
    {
        using var response = await GetAsync("c_1", id);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
    }

    [Fact]
    public async Task A_conversation_that_is_not_there_has_no_stream()
    {
        using var response = await GetAsync("c_nobody");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string StorePath => _app.Services.GetRequiredService<IConfiguration>()["Store:ConnectionString"]!;

    private bool HasNoStream(string subject)
    {
        var streams = _app.Services.GetRequiredService<OpenStreams>();
        if (!streams.TryOpen("demo", subject, 1)) return false;
        streams.Close("demo", subject);
        return true;
    }

    private Task<HttpResponseMessage> GetAsync(string conversation, string? lastEventId = null, string? token = null, string query = "") => _app.SendAsync(
        HttpMethod.Get, $"/api/v2/chat/conversations/{conversation}/stream{query}", Stop, token ?? IngestApp.Token(), null,
        lastEventId is null ? [] : [("Last-Event-ID", lastEventId)]);

    private async Task<EventReader> OpenAsync(string conversation, string? lastEventId = null, string? token = null, string query = "")
    {
        var response = await GetAsync(conversation, lastEventId, token, query);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        var reader = new EventReader(response, await response.Content.ReadAsStreamAsync(Stop));
        Assert.Equal(": open", await reader.NextCommentAsync(Stop));
        return reader;
    }
}
