using System.Net;
using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.TestKit;

namespace Parley.Integration.Ingest;

public sealed class HistoryTests(IngestAppFixture fixture) : IClassFixture<IngestAppFixture>
{
    private readonly IngestApp _app = fixture.App;

    [Fact]
    public async Task Shows_both_directions_with_delivery()
    {
        var message = Messages.Text("hi", "reader-1", "h-1");
        var reply = await _app.AnswerAsync(message, "hello", Stop);
        await _app.Store.ApplyReceiptAsync(
            new Receipt { Tenant = "demo", ConversationId = message.ConversationId, Channel = "web", Account = "site", ReplyId = reply.ReplyId, Status = DeliveryStatus.Read, At = message.ReceivedAt!.Value },
            Stop);

        using var response = await GetAsync(message.ConversationId);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var data = (await IngestApp.JsonAsync(response, Stop)).GetProperty("data");
        Assert.Equal(
            """{"seq":1,"message_id":"h-1","direction":"inbound","content":{"type":"text","text":"hi"},"timestamp":"2026-01-01T00:00:00+00:00"}""",
            data.GetProperty("messages")[0].GetRawText());
        Assert.Equal(
            $$$"""{"seq":2,"message_id":"{{{reply.ReplyId}}}","direction":"outbound","content":{"type":"choices","text":"hello","suggested_actions":[{"id":"yes","title":"Yes"}]},"timestamp":"2026-01-01T00:00:01+00:00","delivery":{"status":"read"}}""",
            data.GetProperty("messages")[1].GetRawText());
        Assert.Equal(
            (message.ConversationId, 1, 20, 2, false, false),
            (data.GetProperty("conversation_id").GetString(), data.GetProperty("page").GetInt32(), data.GetProperty("page_size").GetInt32(),
                data.GetProperty("total_messages").GetInt32(), data.GetProperty("has_next").GetBoolean(), data.GetProperty("has_previous").GetBoolean()));
    }

    [Fact]
    public async Task Pages_from_the_oldest_on()
    {
        var first = Messages.Text("1", "reader-2");
        foreach (var text in new[] { "1", "2", "3" }) await _app.AnswerAsync(first with { MessageId = $"p-{text}", Content = first.Content with { Text = text } }, "re " + text, Stop);

        var pages = new List<(string, bool, bool)>();
        for (var page = 1; page <= 4; page++)
        {
            using var response = await GetAsync(first.ConversationId, $"?page={page}&page_size=2");
            var data = (await IngestApp.JsonAsync(response, Stop)).GetProperty("data");
            var texts = data.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("content").GetProperty("text").GetString());
            pages.Add((string.Join(',', texts), data.GetProperty("has_next").GetBoolean(), data.GetProperty("has_previous").GetBoolean()));
        }

        Assert.Equal([("1,re 1", true, false), ("2,re 2", true, true), ("3,re 3", false, true), ("", false, true)], pages);
    }

    [Theory]
    [InlineData("?page=0", "page")]
    [InlineData("?page=-1", "page")]
    [InlineData("?page=x", "page")]
    [InlineData("?page=", "page")]
    [InlineData("?page=1&page=2", "page")]
    [InlineData("?page=1000000000", "page")]
    [InlineData("?page=99999999999999999999", "page")]
    [InlineData("?page_size=0", "page_size")]
    [InlineData("?page_size=101", "page_size")]
    public async Task Refuses_pages_that_cannot_be(string query, string field)
    {
        using var response = await GetAsync("c_1", query);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Equal(field, (await IngestApp.JsonAsync(response, Stop)).GetProperty("detail")[0].GetProperty("loc")[1].GetString());
    }

    [Fact]
    public async Task Shows_nobody_what_is_not_theirs()
    {
        var message = Messages.Text("private", "reader-3");
        await _app.AnswerAsync(message, "very private", Stop);
        Dictionary<string, object> visitor = new() { ["user_role"] = "visitor", ["account"] = "site", ["conversation_id"] = "c_of_another_visitor" };
        (string Path, string Token)[] strangers =
        [
            ("history", IngestApp.Token(IngestApp.OtherTenant)),
            ("stream", IngestApp.Token(IngestApp.OtherTenant)),
            ("history", IngestApp.Token(subject: "v9", more: visitor)),
            ("stream", IngestApp.Token(subject: "v9", more: visitor)),
        ];
        foreach (var (path, token) in strangers)
        {
            using var response = await _app.SendAsync(HttpMethod.Get, $"/api/v2/chat/conversations/{message.ConversationId}/{path}", Stop, token);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
            Assert.Equal("""{"detail":"conversation not found"}""", await response.Content.ReadAsStringAsync(Stop));
        }
    }

    [Fact]
    public async Task A_conversation_that_is_not_there_is_not_found_but_a_visitors_own_is_empty()
    {
        using var unknown = await GetAsync(DerivedId.Conversation("demo", "web", "site", "nobody"));
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);

        var token = IngestApp.Token(subject: "v8", more: new() { ["user_role"] = "visitor", ["account"] = "site", ["conversation_id"] = "c_v8" });
        using var own = await _app.SendAsync(HttpMethod.Get, "/api/v2/chat/conversations/c_v8/history", Stop, token);
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
        Assert.Equal(0, (await IngestApp.JsonAsync(own, Stop)).GetProperty("data").GetProperty("total_messages").GetInt32());
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private Task<HttpResponseMessage> GetAsync(string conversation, string query = "") =>
        _app.SendAsync(HttpMethod.Get, $"/api/v2/chat/conversations/{conversation}/history{query}", Stop, IngestApp.Token());
}
