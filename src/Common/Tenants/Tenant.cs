using System.ComponentModel.DataAnnotations;

namespace Parley.Common.Tenants;

/// <summary>A customer of the installation: its accounts, keys, limits and engine. Nothing crosses tenants.</summary>
public sealed class Tenant
{
    /// <summary>Lower-case letters, digits and hyphens, 1 to 63 characters.</summary>
    [Required, RegularExpression("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
    public string Id { get; set; } = "";

    /// <summary>For people.</summary>
    public string Name { get; set; } = "";

    /// <summary>HS256 keys for API tokens, at least 32 bytes of UTF-8 each; several while one is being rotated out.</summary>
    public List<string> JwtSecrets { get; set; } = [];

    /// <summary>Path of a JWKS file with RS256 or ES256 keys; null for none.</summary>
    public string? JwksFile { get; set; }

    /// <summary>Origins that may call the API from a browser; <c>*</c> for any.</summary>
    public List<string> AllowedOrigins { get; set; } = [];

    /// <summary>Requests a minute by the token's rate_limit_tier; a tier that is not named here gets <c>default</c>'s.</summary>
    public Dictionary<string, int> RequestsPerMinute { get; set; } = new() { ["default"] = 600 };

    /// <summary>http(s) address of the engine; null for the installation's default engine.</summary>
    public string? EngineAddress { get; set; }

    /// <summary>Said once when the engine stays down.</summary>
    public string FallbackText { get; set; } = "Sorry, I cannot answer right now. Your message has been kept, please try again in a little while.";

    /// <summary>Idle time after which the next message opens a new session (default: 30 min).</summary>
    public TimeSpan SessionTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Share of the engine's permits relative to other tenants, when all want them.</summary>
    [Range(1, 1000)]
    public int Weight { get; set; } = 1;

    /// <summary>
    /// Turns of this tenant that may be in the engine at once in one process; 0 (default) for three quarters of the engine's permits when
    /// other tenants share the engine, all of them when not.
    /// </summary>
    [Range(0, 100_000)]
    public int MaxConcurrentTurns { get; set; }

    /// <summary>How messages become turns, by channel; <c>default</c> for the channels not named (without it: one turn a message).</summary>
    public Dictionary<string, TurnPolicy> TurnPolicies { get; set; } = [];

    /// <summary>What becomes of a turn that keeps failing.</summary>
    public FailurePolicy Failures { get; set; } = new();

    public List<ChannelAccount> Accounts { get; set; } = [];

    /// <summary>The policy of a channel.</summary>
    public TurnPolicy TurnPolicyOf(string channel) =>
        TurnPolicies.GetValueOrDefault(channel) ?? TurnPolicies.GetValueOrDefault("default") ?? Enqueue;

    private static readonly TurnPolicy Enqueue = new();
}
