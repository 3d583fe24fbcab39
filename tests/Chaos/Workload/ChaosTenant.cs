using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Parley.Chaos.Workload;

/// <summary>A tenant of the run: its account, its secret, and the canary that must never be seen with another tenant.</summary>
internal sealed record ChaosTenant(string Id, string Account, string Secret, string Token, string Canary)
{
    /// <summary>Signs the tokens of its people.</summary>
    public string JwtSecret => $"jwt-secret-of-{Id}-0123456789abcdef";

    /// <summary>Tenants <c>t00</c>, <c>t01</c> …; canaries follow from the seed.</summary>
    public static IReadOnlyList<ChaosTenant> Make(int count, int seed) =>
    [
        .. Enumerable.Range(0, count).Select(i => new ChaosTenant(
            $"t{i:D2}", $"1065403522{i:D4}", $"secret-of-{seed}-{i:D2}-for-signatures", $"EAAG-{seed}-{i:D2}", $"CNRY-t{i:D2}-{Random128(seed, i)}")),
    ];

    /// <summary>The file that TENANTS_FILE names.</summary>
    public static string ToSettings(IReadOnlyList<ChaosTenant> tenants, string channelAddress) => JsonSerializer.Serialize(new
    {
        Tenants = tenants.Select(t => new
        {
            t.Id,
            // A turn that is killed again and again is not to blame.
            Failures = new { MaxAttempts = 100 },
            JwtSecrets = new[] { t.JwtSecret },
            Accounts = new[]
            {
                new
                {
                    Channel = "whatsapp", Id = t.Account, WebhookSecrets = new[] { t.Secret }, VerifyToken = "verify", AccessToken = t.Token,
                    ApiBase = channelAddress, MessagesPerSecond = 500,
                },
            },
        }),
    });

    private static string Random128(int seed, int i) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"canary {seed} {i}"))[..16]);
}
