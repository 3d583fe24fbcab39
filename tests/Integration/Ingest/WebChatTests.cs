using System.Net;
using System.Text.Json;
using Parley.Common.Conversations;

namespace Parley.Integration.Ingest;

public sealed class WebChatTests(IngestAppFixture fixture) : IClassFixture<IngestAppFixture>
{
    private readonly IngestApp _app = fixture.App;

    [Fact]
    public async Task A_new_visitor_gets_a_conversation_and_a_token_that_is_good_for_it_alone()
    {
        var session = await OpenAsync();
        var (token, conversation, visitor) = Of(session);
        Assert.StartsWith("v_", visitor, StringComparison.Ordinal);
        Assert.Equal(DerivedId.Conversation("demo", "web", "site", visitor), conversation);
        Assert.Equal("demo", session.GetProperty("tenant").GetString());
        Assert.InRange(session.GetProperty("expires_at").GetDateTimeOffset() - DateTimeOffset.UtcNow, TimeSpan.FromHours(23), TimeSpan.FromHours(24));

        Assert.Equal(HttpStatusCode.OK, await HistoryAsync(conversation, token));
        Assert.Equal(HttpStatusCode.NotFound, await HistoryAsync("c_another", token));
        using var sent = await _app.SendAsync(
            HttpMethod.Post, "/api/v2/chat/message", Stop, token, new { user_id = visitor, content = new { type = "text", text = "hi" } }, ("Prefer", "respond-async"));
        Assert.Equal(HttpStatusCode.Accepted, sent.StatusCode);
    }

    [Fact]
    public async Task Two_visitors_never_share_a_conversation() =>
        Assert.NotEqual(Of(await OpenAsync()).Conversation, Of(await OpenAsync()).Conversation);

    [Fact]
    public async Task A_visitor_renews_with_the_token_it_has()
    {
        var (token, conversation, visitor) = Of(await OpenAsync());
        Assert.Equal((conversation, visitor), (Of(await OpenAsync(token, new { visitor })).Conversation, Of(await OpenAsync(token)).Visitor));
    }

    [Fact]
    public async Task A_visitors_id_alone_opens_nothing()
    {
        var (token, _, visitor) = Of(await OpenAsync());
        Assert.NotEqual(visitor, Of(await OpenAsync(body: new { visitor })).Visitor);
        Assert.NotEqual(visitor, Of(await OpenAsync(token[..^2], new { visitor })).Visitor);
        Assert.NotEqual(visitor, Of(await OpenAsync(IngestApp.Token(subject: visitor), new { visitor })).Visitor);
        Assert.NotEqual("v_other", Of(await OpenAsync(token, new { visitor = "v_other" })).Visitor);
    }

    [Theory]
    [InlineData("""{"visitor":7}""")]
    [InlineData("""{"site":"x"}""")]
    [InlineData("[]")]
    [InlineData("{")]
    public async Task A_wrong_body_is_refused(string body)
    {
        using var response = await _app.SendAsync(HttpMethod.Post, "/webchat/site/session", Stop, body: body);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
    }

    [Fact]
    public async Task A_site_that_is_not_there_is_not_found()
    {
        using var response = await _app.SendAsync(HttpMethod.Post, "/webchat/nowhere/session", Stop);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Theory]
    [InlineData("https://evil.example", "site", HttpStatusCode.Forbidden)]
    [InlineData(IngestApp.AllowedOrigin, "site", HttpStatusCode.OK)]
    [InlineData(IngestApp.AllowedOrigin, IngestApp.OtherSite, HttpStatusCode.Forbidden)]
    [InlineData("null", "site", HttpStatusCode.Forbidden)]
    public async Task Only_allowed_origins_open_sessions(string origin, string site, HttpStatusCode expected)
    {
        using var response = await _app.SendAsync(HttpMethod.Post, $"/webchat/{site}/session", Stop, headers: ("Origin", origin));
        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task The_sites_own_origin_is_always_allowed()
    {
        using var response = await _app.SendAsync(HttpMethod.Post, "/webchat/other-site/session", Stop, headers: ("Origin", $"http://127.0.0.1:{_app.Address.Port}"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Sessions_are_limited_by_address_and_a_made_up_address_does_not_help()
    {
        await using var app = await IngestApp.StartAsync(Stop, new Dictionary<string, string> { ["Ingest:SessionsPerMinute"] = "3" }, kind: null);
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 4; i++)
        {
            using var response = await app.SendAsync(HttpMethod.Post, "/webchat/site/session", Stop, headers: ("X-Forwarded-For", $"203.0.113.{i}"));
            statuses.Add(response.StatusCode);
        }

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests], statuses);
    }

    [Fact]
    public async Task Behind_a_known_proxy_the_forwarded_address_counts()
    {
        var settings = new Dictionary<string, string> { ["Ingest:SessionsPerMinute"] = "1", ["Ingest:KnownProxies:0"] = "127.0.0.1" };
        await using var app = await IngestApp.StartAsync(Stop, settings, kind: null);
        foreach (var address in new[] { "203.0.113.1", "203.0.113.2" })
        {
            using var first = await app.SendAsync(HttpMethod.Post, "/webchat/site/session", Stop, headers: ("X-Forwarded-For", address));
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);
            using var second = await app.SendAsync(HttpMethod.Post, "/webchat/site/session", Stop, headers: ("X-Forwarded-For", address));
            Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        }
    }

    [Theory]
    [InlineData("/", "text/html")]
    [InlineData("/?site=site", "text/html")]
    [InlineData("/?site=nowhere", "text/html")]
    [InlineData("/webchat/app.js", "text/javascript")]
    [InlineData("/webchat/client.js", "text/javascript")]
    [InlineData("/webchat/outbox.js", "text/javascript")]
    [InlineData("/webchat/view.js", "text/javascript")]
    [InlineData("/webchat/style.css", "text/css")]
    public async Task The_page_runs_nothing_but_its_own_files(string path, string type)
    {
        using var response = await _app.SendAsync(HttpMethod.Get, path, Stop);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);

        var text = await response.Content.ReadAsStringAsync(Stop);
        string[] forbidden = ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", " style=", " onclick=", "src=\"http", "href=\"http", "@import", "url(http"];
        Assert.All(forbidden, f => Assert.DoesNotContain(f, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_page_names_the_tenant_as_text_and_its_site()
    {
        var page = await _app.Http.GetStringAsync("/?site=site", Stop);
        Assert.Contains("<h1 id=\"title\">Demo &amp; Sons</h1>", page, StringComparison.Ordinal);
        Assert.Contains("name=\"parley-site\" content=\"site\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>alert", await _app.Http.GetStringAsync("/?site=%3Cscript%3Ealert(1)%3C/script%3E", Stop), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/webchat/index.html")]
    [InlineData("/webchat/..%2fapp.js")]
    [InlineData("/webchat/nothing.js")]
    public async Task Other_files_are_not_there(string path)
    {
        using var response = await _app.SendAsync(HttpMethod.Get, path, Stop);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private async Task<JsonElement> OpenAsync(string? token = null, object? body = null)
    {
        using var response = await _app.SendAsync(HttpMethod.Post, "/webchat/site/session", Stop, token, body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await IngestApp.JsonAsync(response, Stop);
    }

    private static (string Token, string Conversation, string Visitor) Of(JsonElement session) =>
        (session.GetProperty("token").GetString()!, session.GetProperty("conversation_id").GetString()!, session.GetProperty("visitor").GetString()!);

    private async Task<HttpStatusCode> HistoryAsync(string conversation, string token)
    {
        using var response = await _app.SendAsync(HttpMethod.Get, $"/api/v2/chat/conversations/{conversation}/history", Stop, token);
        return response.StatusCode;
    }
}
