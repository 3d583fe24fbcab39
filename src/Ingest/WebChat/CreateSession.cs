using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Parley.Common.Backplane;
using Parley.Common.Conversations;
using Parley.Common.Tenants;
using Parley.Ingest.Api;
using Parley.Ingest.Api.Tokens;
using Parley.Ingest.Reading;

namespace Parley.Ingest.WebChat;

/// <summary><c>POST /webchat/{site}/session</c>: lets a visitor into a conversation of its own, or renews a visitor's token.</summary>
internal sealed class CreateSession(
    TenantDirectory tenants, VisitorTokens visitors, TokenVerifier tokens, IBackplane backplane, IOptions<IngestOptions> options)
{
    private const int MaxBodyBytes = 4096;

    public async Task<IResult> HandleAsync(HttpContext http, string site)
    {
        if (tenants.FindAccount(ChannelNames.Web, site) is not { } found) return ApiErrors.NotFound("site");

        Cors.Narrow(http, found.Tenant);
        if (!IsSameOrigin(http.Request) && http.Request.Headers.Origin is [{ } origin] && !Cors.Allows(found.Tenant, origin))
        {
            return ApiErrors.Forbidden("the origin is not allowed for this site");
        }

        var limit = options.Value.SessionsPerMinute;
        var address = http.Connection.RemoteIpAddress?.ToString() ?? "local";
        var decision = await backplane.TakeAsync($"webchat/{found.Tenant.Id}/{address}", limit, TimeSpan.FromMinutes(1));
        if (!decision.Allowed) return ApiErrors.TooMany(http, $"Rate limit exceeded: {limit} sessions a minute", decision.RetryAfter);

        var (request, error) = await ReadAsync(http);
        if (error is not null) return error;
        return Answer(http, found.Tenant, site, await KnownVisitorAsync(http.Request, found.Tenant, site, request) ?? NewVisitor());
    }

    private IResult Answer(HttpContext http, Tenant tenant, string site, string visitor)
    {
        var conversation = DerivedId.Conversation(tenant.Id, ChannelNames.Web, site, visitor);
        if (visitors.Issue(tenant, visitor, new VisitorScope(site, conversation)) is not { } issued)
        {
            return ApiErrors.Unavailable(http, "this site has no key to sign visitors' tokens with (JwtSecrets of its tenant)", TimeSpan.FromMinutes(1));
        }

        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(new SessionAnswer(issued.Token, conversation, tenant.Id, visitor, issued.ExpiresAt), IngestJson.Plain.SessionAnswer);
    }

    // A visitor is who holds its token. The id alone proves nothing: it is in records and logs.
    private async Task<string?> KnownVisitorAsync(HttpRequest request, Tenant tenant, string site, SessionRequest asked)
    {
        if (request.Headers.Authorization is not [{ } header]) return null;
        var (caller, _) = await tokens.VerifyAsync(header);
        return caller is { Role: VisitorTokens.Role, Visitor.Account: var account } && caller.Tenant.Id == tenant.Id && account == site
            && (asked.Visitor is null || asked.Visitor == caller.Subject) ? caller.Subject : null;
    }

    private static async Task<(SessionRequest Request, IResult? Error)> ReadAsync(HttpContext http)
    {
        using var body = await RequestBody.ReadAsync(http.Request, MaxBodyBytes, http.RequestAborted);
        if (body is null) return (new SessionRequest(null), ApiErrors.TooLarge(MaxBodyBytes));
        if (body.Bytes.Length == 0) return (new SessionRequest(null), null);
        if (JsonBody.TryParse(body.Bytes, out var document, out var reason, unique: true))
        {
            using (document)
            {
                List<FieldError> errors = [];
                var check = new Api.Messages.FieldCheck(document.RootElement, errors, "body");
                if (check.IsObject()) check.OnlyMembers(["visitor"]);
                var visitor = check.Text("visitor", required: false, maxChars: 256);
                return (new SessionRequest(visitor), errors.Count > 0 ? ApiErrors.Invalid(errors) : null);
            }
        }

        return (new SessionRequest(null), ApiErrors.Invalid([new FieldError(["body"], reason, "json_invalid")]));
    }

    private static string NewVisitor() => "v_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    private static bool IsSameOrigin(HttpRequest request) =>
        request.Headers.Origin.Count == 0 || request.Headers.Origin == $"{request.Scheme}://{request.Host}";
}

/// <param name="Visitor">The visitor whose token stands in <c>Authorization</c>; null for whoever that is, or a new one.</param>
internal sealed record SessionRequest(string? Visitor);

internal sealed record SessionAnswer(string Token, string ConversationId, string Tenant, string Visitor, DateTimeOffset ExpiresAt);
