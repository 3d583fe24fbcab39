using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Parley.Standalone.CommandLine;

/// <summary>Tokens of the API: HS256 with a tenant's key.</summary>
internal static class ApiToken
{
    /// <summary>What a token says of its bearer.</summary>
    public sealed record Claims(string Tenant, string User)
    {
        public string Role { get; init; } = "agent";
        public IReadOnlyList<string> Permissions { get; init; } = ["chat:send", "chat:read"];
        public string Tier { get; init; } = "default";
    }

    public static string Sign(Claims claims, string secret, TimeSpan life, TimeProvider time)
    {
        var now = time.GetUtcNow();
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Claims = new Dictionary<string, object>
            {
                ["sub"] = claims.User,
                ["tenant_id"] = claims.Tenant,
                ["user_role"] = claims.Role,
                ["permissions"] = claims.Permissions.ToArray(),
                ["rate_limit_tier"] = claims.Tier,
                ["iat"] = now.ToUnixTimeSeconds(),
                ["exp"] = (now + life).ToUnixTimeSeconds(),
            },
            SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(secret)), SecurityAlgorithms.HmacSha256),
        });
    }
}
