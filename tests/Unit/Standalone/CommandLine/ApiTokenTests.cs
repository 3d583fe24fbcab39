using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Parley.Standalone.CommandLine;
using Parley.TestKit;

namespace Parley.Unit.Standalone.CommandLine;

public sealed class ApiTokenTests
{
    private const string Secret = "a-secret-of-the-tests-with-36-letters";
    private readonly ManualTime _time = new();

    [Fact]
    public void A_token_says_who_where_and_until_when()
    {
        var claims = new ApiToken.Claims("acme", "ada") { Role = "admin", Permissions = ["chat:read"], Tier = "gold" };

        var token = new JsonWebToken(ApiToken.Sign(claims, Secret, TimeSpan.FromMinutes(30), _time));

        Assert.Equal(("ada", "acme", "admin", "gold"), (token.Subject, Claim(token, "tenant_id"), Claim(token, "user_role"), Claim(token, "rate_limit_tier")));
        Assert.Equal(["chat:read"], token.GetPayloadValue<string[]>("permissions"));
        Assert.Equal(_time.GetUtcNow().AddMinutes(30).ToUnixTimeSeconds(), token.GetPayloadValue<long>("exp"));
        Assert.Equal("HS256", token.Alg);
    }

    [Fact]
    public void Without_more_it_may_send_and_read() =>
        Assert.Equal(["chat:send", "chat:read"], new JsonWebToken(ApiToken.Sign(new("acme", "ada"), Secret, TimeSpan.FromHours(1), _time)).GetPayloadValue<string[]>("permissions"));

    [Fact]
    public async Task It_verifies_with_its_secret_and_with_no_other()
    {
        var token = ApiToken.Sign(new("acme", "ada"), Secret, TimeSpan.FromHours(1), _time);

        Assert.True((await VerifyAsync(token, Secret)).IsValid);
        Assert.False((await VerifyAsync(token, Secret + "!")).IsValid);
    }

    private static string Claim(JsonWebToken token, string name) => token.GetPayloadValue<string>(name);

    private static Task<TokenValidationResult> VerifyAsync(string token, string secret) => new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters
    {
        IssuerSigningKey = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(secret)),
        ValidateIssuer = false,
        ValidateAudience = false,
        ValidateLifetime = false,
    });
}
