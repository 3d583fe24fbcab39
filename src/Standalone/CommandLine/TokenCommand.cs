using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Parley.Standalone.CommandLine;

/// <summary><c>parley token</c></summary>
internal static class TokenCommand
{
    private static readonly Option<string> User = new("--user") { Description = "Whom the token stands for, sub", HelpName = "id", DefaultValueFactory = _ => "cli" };
    private static readonly Option<string> Role = new("--role") { Description = "user_role", HelpName = "name", DefaultValueFactory = _ => "agent" };

    private static readonly Option<string[]> Permission = new("--permission")
    {
        Description = "A permission; may be given several times (default: chat:send and chat:read; conversation:manage releases what is parked)",
        HelpName = "name",
    };

    private static readonly Option<string> Tier = new("--tier") { Description = "rate_limit_tier", HelpName = "name", DefaultValueFactory = _ => "default" };

    private static readonly Option<TimeSpan?> Expires = new("--expires")
    {
        Description = "How long it is good for: 90s, 30m, 12h, 7d (default: 1h)",
        HelpName = "time",
        CustomParser = result =>
        {
            if (TryParseLife(result.Tokens[0].Value, out var life)) return life;
            result.AddError($"--expires '{result.Tokens[0].Value}' is not a time such as 90s, 30m, 12h or 7d");
            return default;
        },
    };

    public static Command Create()
    {
        var command = new Command("token", "Prints a token for the API, alone on its line: TOKEN=$(parley token)")
        {
            Options.Tenant, User, Role, Permission, Tier, Expires, Options.Data, Options.Secret, Options.Json,
        };
        command.SetAction(parsed =>
        {
            var (tenant, secret) = Secrets.Signing(parsed);
            var claims = new ApiToken.Claims(tenant, parsed.GetValue(User)!) { Role = parsed.GetValue(Role)!, Tier = parsed.GetValue(Tier)! };
            if (parsed.GetValue(Permission) is { Length: > 0 } permissions) claims = claims with { Permissions = permissions };

            var life = parsed.GetValue(Expires) ?? TimeSpan.FromHours(1);
            var token = ApiToken.Sign(claims, secret, life, TimeProvider.System);
            var expiresAt = (TimeProvider.System.GetUtcNow() + life).ToString("O", CultureInfo.InvariantCulture);
            Console.Out.WriteLine(parsed.GetValue(Options.Json)
                ? new JsonObject { ["token"] = token, ["tenant"] = tenant, ["expires_at"] = expiresAt }.ToJsonString()
                : token);
            return 0;
        });
        return command;
    }

    /// <summary>A positive number of s, m, h or d, at most ten years.</summary>
    internal static bool TryParseLife(string text, out TimeSpan life)
    {
        life = default;
        if (text.Length < 2 || !int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count == 0) return false;

        long? unit = text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => null };
        if (unit is null || count * unit.Value > 10L * 366 * 86_400) return false;
        life = TimeSpan.FromSeconds(count * unit.Value);
        return true;
    }
}
