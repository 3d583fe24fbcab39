using System.Buffers.Text;
using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Parley.Common.Records;
using Parley.Common.Tenants;
using Parley.Ingest.Reading;

namespace Parley.Ingest.Api.Tokens;

/// <summary>Bearer tokens, checked by the rules of RFC 8725: the tenant's own keys, one algorithm per key, nothing fetched, nothing guessed.</summary>
internal sealed class TokenVerifier(TenantDirectory tenants, TenantKeys keys, TimeProvider time)
{
    private const int MaxTokenChars = 16 * 1024;
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);
    private static readonly string[] Algorithms = [SecurityAlgorithms.HmacSha256, SecurityAlgorithms.RsaSha256, SecurityAlgorithms.EcdsaSha256];

    // Headers that bring a key along or change what the signature means.
    private static readonly string[] ForbiddenHeaders = ["jku", "jwk", "x5u", "x5c", "crit", "zip", "enc"];

    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = MaxTokenChars };

    /// <summary>
    /// The caller behind an <c>Authorization</c> header; null when there is no token that counts. <c>Refusal</c> is for the log, never for the caller.
    /// </summary>
    public async Task<(Caller? Caller, string Refusal)> VerifyAsync(string? authorization)
    {
        if (authorization is null || !authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) return (null, "no bearer token");
        var token = authorization["Bearer ".Length..].Trim();
        if (token.Length > MaxTokenChars) return (null, "the token is too long");
        if (token.Split('.') is not [var headerPart, var payloadPart, { Length: > 0 }]) return (null, "not three parts");

        using var header = Decode(headerPart);
        using var payload = Decode(payloadPart);
        if (header is null || payload is null) return (null, "header or payload is not a JSON object");
        if (HeaderProblem(header.RootElement) is { } headerProblem) return (null, headerProblem);

        var claims = payload.RootElement;
        if (claims.Text("tenant_id") is not { } tenantId || tenants.Find(tenantId) is not { } tenant) return (null, "tenant_id names no tenant");
        if (!await IsSignedAsync(token, tenant.Id, header.RootElement)) return (null, "the signature is wrong");
        if (LifetimeProblem(claims, out var expiresAt) is { } lifetimeProblem) return (null, lifetimeProblem);
        return ReadClaims(claims, tenant, expiresAt) is { } caller ? (caller, "") : (null, "a claim is missing or of the wrong kind");
    }

    private static JsonDocument? Decode(string part)
    {
        var bytes = new byte[Base64Url.GetMaxDecodedLength(part.Length)];
        if (!Base64Url.IsValid(part, out _) || !Base64Url.TryDecodeFromChars(part, bytes, out var written)) return null;

        // A claim that stands there twice is read differently by different readers.
        if (!JsonBody.TryParse(bytes.AsMemory(0, written), out var document, out _, unique: true)) return null;
        if (document.RootElement.ValueKind == JsonValueKind.Object) return document;
        document.Dispose();
        return null;
    }

    private static string? HeaderProblem(JsonElement header)
    {
        if (header.Text("alg") is not { } algorithm || !Algorithms.Contains(algorithm)) return "alg is not allowed";
        if (header.Member("typ") is not null && header.Text("typ")?.ToLowerInvariant() is not ("jwt" or "at+jwt")) return "typ is not JWT";
        if (header.Member("kid") is not null && header.Text("kid") is null) return "kid is not a string";
        return Array.Find(ForbiddenHeaders, name => header.Member(name) is not null) is { } found ? $"header {found} is not allowed" : null;
    }

    private async Task<bool> IsSignedAsync(string token, string tenant, JsonElement header)
    {
        SecurityKey[] candidates = [.. keys.Candidates(tenant, header.Text("alg")!, header.Text("kid"))];
        if (candidates.Length == 0) return false;

        var result = await _handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            IssuerSigningKeyResolver = (_, _, _, _) => candidates,
            ValidAlgorithms = [header.Text("alg")!],
            RequireSignedTokens = true,
            ValidateIssuer = false,
            ValidateAudience = false,
            ValidateLifetime = false, // checked below, by our clock
        });
        return result.IsValid;
    }

    private string? LifetimeProblem(JsonElement claims, out DateTimeOffset expiresAt)
    {
        var now = time.GetUtcNow();
        expiresAt = default;
        if (Date(claims, "exp") is not { } exp) return "exp is missing or no date";
        if (exp + Skew <= now) return "the token has expired";
        if (claims.Member("nbf") is not null && !(Date(claims, "nbf") <= now + Skew)) return "the token is not valid yet";
        if (claims.Member("iat") is not null && !(Date(claims, "iat") <= now + Skew)) return "the token was issued in the future";
        expiresAt = exp;
        return null;
    }

    // A NumericDate is a number of seconds, which need not be whole.
    private static DateTimeOffset? Date(JsonElement claims, string name) =>
        claims.Member(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out var seconds) && seconds is > 0 and < 250_000_000_000
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;

    private static Caller? ReadClaims(JsonElement claims, Tenant tenant, DateTimeOffset expiresAt)
    {
        foreach (var name in new[] { "user_role", "rate_limit_tier", "conversation_id", "account" })
        {
            if (claims.Member(name) is not null && claims.Text(name) is null) return null;
        }

        if (claims.Text("sub") is not { Length: <= Limits.IdChars } subject) return null;
        if (claims.Member("permissions") is { } given && given.ValueKind != JsonValueKind.Array) return null;
        JsonElement[] permissions = [.. claims.Items("permissions")];
        if (!Array.TrueForAll(permissions, p => p.ValueKind == JsonValueKind.String)) return null;

        // A visitor's token without its conversation would be good for all of them.
        var role = claims.Text("user_role") ?? "";
        var (account, conversation) = (claims.Text("account"), claims.Text("conversation_id"));
        if (role == VisitorTokens.Role && (account is null || conversation is null)) return null;
        if ((account is null) != (conversation is null)) return null;

        return new Caller(
            tenant, subject, role, permissions.Select(p => p.GetString()!).ToFrozenSet(StringComparer.Ordinal), claims.Text("rate_limit_tier") ?? "default",
            expiresAt, account is null || conversation is null ? null : new VisitorScope(account, conversation));
    }
}
