using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Parley.Common.Tenants;

namespace Parley.Ingest.Api.Tokens;

/// <summary>Makes the tokens of web chat visitors: one conversation, nothing else.</summary>
internal sealed class VisitorTokens(IOptions<IngestOptions> options, TimeProvider time)
{
    public const string Role = "visitor";

    /// <summary>Signs a token with the tenant's first secret; null when the tenant has none.</summary>
    public (string Token, DateTimeOffset ExpiresAt)? Issue(Tenant tenant, string visitor, VisitorScope scope)
    {
        if (tenant.JwtSecrets.Count == 0) return null;

        // Whole seconds, as in the token.
        var expiresAt = DateTimeOffset.FromUnixTimeSeconds((time.GetUtcNow() + options.Value.VisitorTokenLife).ToUnixTimeSeconds());
        var token = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Claims = new Dictionary<string, object>
            {
                ["sub"] = visitor,
                ["tenant_id"] = tenant.Id,
                ["user_role"] = Role,
                ["permissions"] = new[] { Permissions.Send, Permissions.Read },
                ["rate_limit_tier"] = Role,
                ["account"] = scope.Account,
                ["conversation_id"] = scope.ConversationId,
                ["iat"] = time.GetUtcNow().ToUnixTimeSeconds(),
                ["exp"] = expiresAt.ToUnixTimeSeconds(),
            },
            SigningCredentials = new SigningCredentials(
                new SymmetricSecurityKey(Encoding.UTF8.GetBytes(tenant.JwtSecrets[0])), SecurityAlgorithms.HmacSha256),
        });
        return (token, expiresAt);
    }
}
