using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Parley.Common.Stores;
using Parley.TestKit.Hosts;

namespace Parley.Integration.Ingest;

/// <summary>Who may call: token (401), tenant (403), rate (429), body (422), permission (403), in this order.</summary>
public sealed class ApiAccessTests(IngestAppFixture fixture) : IClassFixture<IngestAppFixture>
{
    private const string Message = "/api/v2/chat/message";
    private static readonly object Body = new { user_id = "u1", content = new { type = "text", text = "hi" } };
    private readonly IngestApp _app = fixture.App;

    [Fact]
    public async Task Every_endpoint_needs_a_token_or_is_on_the_list_of_those_that_do_not()
    {
        string[] open =
        [
            "/", "/webchat/{file}", "/webchat/{site}/session", "/webhooks/{channel}/{account}", "/api/v2/health", "/api/v2/health/live", "/api/v2/health/ready",
        ];
        var endpoints = _app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => !open.Contains(e.RoutePattern.RawText)).ToList();
        Assert.NotEmpty(endpoints);
        foreach (var endpoint in endpoints)
        {
            var path = endpoint.RoutePattern.RawText!.Replace("{id}", "c_1", StringComparison.Ordinal);
            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods)
            {
                using var response = await _app.SendAsync(new HttpMethod(method), path, Stop);
                Assert.True(response.StatusCode == HttpStatusCode.Unauthorized, $"{method} {path}: {response.StatusCode}");
                Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().ToString());
                Assert.Equal("authorization is missing or not valid", await Detail(response));
            }
        }
    }

    [Fact]
    public async Task The_token_is_looked_at_before_anything_else()
    {
        using var response = await _app.SendAsync(HttpMethod.Post, Message, Stop, "nonsense", "{", ("X-Tenant-ID", IngestApp.OtherTenant));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Another_tenant_in_the_header_is_refused_before_the_body_is_read()
    {
        using var response = await _app.SendAsync(HttpMethod.Post, Message, Stop, IngestApp.Token(), "{", ("X-Tenant-ID", IngestApp.OtherTenant));
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.StartsWith("access denied", await Detail(response), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_tokens_own_tenant_in_the_header_is_fine()
    {
        using var response = await _app.SendAsync(HttpMethod.Post, Message, Stop, IngestApp.Token(), Body, ("X-Tenant-ID", "demo"), ("Prefer", "respond-async"));
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    [Fact]
    public async Task Beyond_the_tiers_rate_calls_are_refused_before_the_body_is_read()
    {
        var token = IngestApp.Token(subject: "hasty", tier: "tiny");
        for (var remaining = 1; remaining >= 0; remaining--)
        {
            using var allowed = await _app.SendAsync(HttpMethod.Post, Message, Stop, token, "{");
            Assert.Equal(HttpStatusCode.UnprocessableEntity, allowed.StatusCode);
            Assert.Equal($"{remaining}", allowed.Headers.GetValues("X-RateLimit-Remaining").Single());
        }

        using var refused = await _app.SendAsync(HttpMethod.Post, Message, Stop, token, "{");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("2", refused.Headers.GetValues("X-RateLimit-Limit").Single());
        Assert.Equal("0", refused.Headers.GetValues("X-RateLimit-Remaining").Single());
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        var message = (await IngestApp.JsonAsync(refused, Stop)).GetProperty("error").GetProperty("message").GetString();
        Assert.StartsWith("Rate limit exceeded", message, StringComparison.Ordinal);

        using var neighbour = await _app.SendAsync(HttpMethod.Post, Message, Stop, IngestApp.Token(subject: "calm", tier: "tiny"), "{");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, neighbour.StatusCode);
    }

    [Fact]
    public async Task A_wrong_body_is_told_before_a_missing_permission()
    {
        var token = IngestApp.Token(permissions: []);
        using var invalid = await _app.SendAsync(HttpMethod.Post, Message, Stop, token, "{}");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, invalid.StatusCode);
        using var valid = await _app.SendAsync(HttpMethod.Post, Message, Stop, token, Body);
        Assert.Equal(HttpStatusCode.Forbidden, valid.StatusCode);
        Assert.Contains("chat:send", await Detail(valid), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v2/chat/conversations/c_1/history")]
    [InlineData("/api/v2/chat/conversations/c_1/stream")]
    public async Task Reading_needs_its_own_permission(string path)
    {
        using var response = await _app.SendAsync(HttpMethod.Get, path, Stop, IngestApp.Token(permissions: ["chat:send"]));
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task A_refused_call_leaves_nothing_in_Kafka()
    {
        var before = _app.RecordsAnywhere();
        using (await _app.SendAsync(HttpMethod.Post, Message, Stop, null, Body)) { }
        using (await _app.SendAsync(HttpMethod.Post, Message, Stop, IngestApp.Token(), Body, ("X-Tenant-ID", "other"))) { }
        using (await _app.SendAsync(HttpMethod.Post, Message, Stop, IngestApp.Token(), "{}")) { }
        using (await _app.SendAsync(HttpMethod.Post, Message, Stop, IngestApp.Token(permissions: []), Body)) { }
        Assert.Equal(before, _app.RecordsAnywhere());
    }

    [Fact]
    public async Task Wrong_fields_are_named()
    {
        using var response = await _app.SendAsync(
            HttpMethod.Post, Message, Stop, IngestApp.Token(), """{"channel":"web","tenant_id":"other","content":{"type":"text","text":7}}""");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        var detail = (await IngestApp.JsonAsync(response, Stop)).GetProperty("detail");
        var fields = detail.EnumerateArray().Select(e => string.Join('.', e.GetProperty("loc").EnumerateArray().Select(l => l.GetString())));
        Assert.Equal(["body.tenant_id", "body.user_id", "body.content.text"], fields);
    }

    [Theory]
    [InlineData("{", "json_invalid")]
    [InlineData("", "json_invalid")]
    [InlineData("""{"user_id":"a","user_id":"b"}""", "json_invalid")]
    [InlineData("null", "object_type")]
    public async Task A_body_that_is_no_JSON_object_is_named_as_such(string body, string type)
    {
        using var response = await _app.SendAsync(HttpMethod.Post, Message, Stop, IngestApp.Token(), body);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        var error = (await IngestApp.JsonAsync(response, Stop)).GetProperty("detail")[0];
        Assert.Equal((type, "body"), (error.GetProperty("type").GetString(), error.GetProperty("loc")[0].GetString()));
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        using var response = await _app.SendAsync(HttpMethod.Post, Message, Stop, IngestApp.Token(), new string(' ', (256 * 1024) + 1));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("262144", await Detail(response), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_that_is_not_there_says_so_in_the_same_form()
    {
        using var response = await _app.SendAsync(HttpMethod.Get, "/api/v2/chat/nothing", Stop, IngestApp.Token());
        Assert.Equal((HttpStatusCode.NotFound, "not found"), (response.StatusCode, await Detail(response)));
        using var method = await _app.SendAsync(HttpMethod.Delete, Message, Stop, IngestApp.Token());
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "method not allowed"), (method.StatusCode, await Detail(method)));
    }

    [Fact]
    public async Task A_preflight_is_answered_without_a_token_for_an_origin_that_a_tenant_allows()
    {
        using var allowed = await _app.SendAsync(
            HttpMethod.Options, Message, Stop, headers: [("Origin", IngestApp.AllowedOrigin), ("Access-Control-Request-Method", "POST")]);
        Assert.Equal(HttpStatusCode.NoContent, allowed.StatusCode);
        Assert.Equal(IngestApp.AllowedOrigin, allowed.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Contains("Authorization", allowed.Headers.GetValues("Access-Control-Allow-Headers").Single(), StringComparison.Ordinal);
        Assert.Equal("Origin", allowed.Headers.Vary.Single());

        using var refused = await _app.SendAsync(
            HttpMethod.Options, Message, Stop, headers: [("Origin", "https://evil.example"), ("Access-Control-Request-Method", "POST")]);
        Assert.False(refused.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task The_answer_itself_is_readable_only_where_the_tokens_tenant_allows_it()
    {
        (string, string)[] origin = [("Origin", IngestApp.AllowedOrigin)];
        using var ours = await _app.SendAsync(HttpMethod.Get, "/api/v2/chat/conversations/x/history", Stop, IngestApp.Token(), headers: origin);
        Assert.Equal(IngestApp.AllowedOrigin, ours.Headers.GetValues("Access-Control-Allow-Origin").Single());
        using var theirs = await _app.SendAsync(HttpMethod.Get, "/api/v2/chat/conversations/x/history", Stop, IngestApp.Token(IngestApp.OtherTenant), headers: origin);
        Assert.False(theirs.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task A_bug_shows_nothing_of_our_insides()
    {
        await using var app = await IngestApp.StartAsync(
            Stop, kind: null, configure: builder => builder.Services.AddSingleton<IConversationStore>(BrokenStore.Failing(() => new InvalidOperationException("secret insides"))));
        using var response = await app.SendAsync(HttpMethod.Get, "/api/v2/chat/conversations/x/history", Stop, IngestApp.Token());
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("""{"detail":"internal error"}""", await response.Content.ReadAsStringAsync(Stop));
    }

    [Fact]
    public async Task A_store_that_is_away_is_a_503_for_readers()
    {
        await using var app = await IngestApp.StartAsync(
            Stop, kind: null, configure: builder => builder.Services.AddSingleton<IConversationStore>(BrokenStore.Failing(() => new StoreUnavailableException("db.internal:5432 refused"))));
        using var response = await app.SendAsync(HttpMethod.Get, "/api/v2/chat/conversations/x/history", Stop, IngestApp.Token());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.DoesNotContain("db.internal", await response.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_key_file_that_is_missing_stops_the_start()
    {
        var settings = new Dictionary<string, string> { ["Tenants:0:JwksFile"] = "/nowhere/jwks.json" };
        var error = await Assert.ThrowsAsync<System.ComponentModel.DataAnnotations.ValidationException>(() => IngestApp.StartAsync(Stop, settings, kind: null));
        Assert.Contains("/nowhere/jwks.json", error.Message, StringComparison.Ordinal);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static async Task<string> Detail(HttpResponseMessage response) => (await IngestApp.JsonAsync(response, Stop)).GetProperty("detail").GetString()!;
}
