using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Parley.Common.Tenants;

namespace Parley.Ingest.Api.Tokens;

/// <summary>Who calls, as a verified token says.</summary>
/// <param name="Subject">The token's <c>sub</c>.</param>
/// <param name="Tier">Names the tenant's rate limit.</param>
/// <param name="ExpiresAt">When the token stops counting; a stream ends with it.</param>
/// <param name="Visitor">Set for a web chat visitor, who may do nothing outside its own conversation.</param>
internal sealed record Caller(
    Tenant Tenant, string Subject, string Role, FrozenSet<string> Permissions, string Tier, DateTimeOffset ExpiresAt, VisitorScope? Visitor)
{
    public bool May(string permission) => Permissions.Contains(permission);

    /// <summary>Whether the conversation is one the caller may know of; another visitor's does not exist for it.</summary>
    public bool MaySee(string conversationId) => Visitor is null || Visitor.ConversationId == conversationId;
}

/// <summary>The one conversation a visitor's token is good for.</summary>
internal sealed record VisitorScope(string Account, string ConversationId);

/// <summary>What a token may allow.</summary>
internal static class Permissions
{
    public const string Send = "chat:send";
    public const string Read = "chat:read";
    public const string Manage = "conversation:manage";
}

internal static class CallerFeature
{
    /// <summary>The caller that the gate has let in.</summary>
    public static Caller Caller(this HttpContext http) =>
        http.Features.Get<Caller>() ?? throw new InvalidOperationException("The endpoint is not behind ApiGate.");
}
