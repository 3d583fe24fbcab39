using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Parley.Common.Tenants;
using Parley.Ingest.Channels;
using Parley.Ingest.Channels.Meta;

namespace Parley.Unit.Ingest.Channels;

/// <summary>Webhook calls to one WhatsApp account.</summary>
internal static class WhatsAppCalls
{
    public const string AccountId = "106540352242922";
    public const string Secret = "an-app-secret-of-thirty-two-hexes";
    public static readonly DateTimeOffset Now = new(2026, 5, 4, 12, 0, 5, TimeSpan.Zero);
    public static readonly ChannelAccount Account = new() { Channel = "whatsapp", Id = AccountId, WebhookSecrets = [Secret], VerifyToken = "our-verify-token" };
    public static readonly Tenant Tenant = new() { Id = "demo", Accounts = [Account] };

    public static WebhookCall Of(byte[] body, string? signature = null)
    {
        var headers = new HeaderDictionary();
        if (signature is not null) headers[HubSignature.Header] = signature;
        return new WebhookCall(body, headers, Tenant, Account, Now);
    }

    public static string Sign(byte[] body, string secret = Secret) =>
        "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body));
}
