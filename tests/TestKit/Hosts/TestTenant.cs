using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Parley.TestKit.Hosts;

/// <summary>A tenant whose secrets the tests know.</summary>
public static class TestTenant
{
    public const string Id = "demo";
    public const string JwtSecret = "0123456789abcdef0123456789abcdef";
    public const string Site = "site";
    public const string PhoneNumberId = "106540352242922";
    public const string AppSecret = "whatsapp-app-secret-of-the-tests";
    public const string VerifyToken = "verify-me";
    public const string AccessToken = "EAAG-test";

    /// <summary>Settings of the tenant, with its WhatsApp account pointing at an address.</summary>
    public static Dictionary<string, string> Settings(string? whatsAppApi = null) => new()
    {
        ["Tenants:0:Id"] = Id,
        ["Tenants:0:JwtSecrets:0"] = JwtSecret,
        ["Tenants:0:RequestsPerMinute:default"] = "1000000",
        ["Tenants:0:FallbackText"] = "the engine is away",
        ["Tenants:0:Accounts:0:Channel"] = "web",
        ["Tenants:0:Accounts:0:Id"] = Site,
        ["Tenants:0:Accounts:1:Channel"] = "whatsapp",
        ["Tenants:0:Accounts:1:Id"] = PhoneNumberId,
        ["Tenants:0:Accounts:1:WebhookSecrets:0"] = AppSecret,
        ["Tenants:0:Accounts:1:VerifyToken"] = VerifyToken,
        ["Tenants:0:Accounts:1:AccessToken"] = AccessToken,
        ["Tenants:0:Accounts:1:ApiBase"] = whatsAppApi ?? "http://127.0.0.1:9",
    };

    /// <summary>A token that may send and read, and <paramref name="more"/>.</summary>
    public static string Token(string user = "tester", params string[] more) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Claims = new Dictionary<string, object>
        {
            ["sub"] = user, ["tenant_id"] = Id, ["user_role"] = "agent", ["permissions"] = (string[])["chat:send", "chat:read", .. more], ["rate_limit_tier"] = "default",
        },
        Expires = DateTime.UtcNow.AddHours(1),
        SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(JwtSecret)), SecurityAlgorithms.HmacSha256),
    });

    /// <summary>A webhook body of WhatsApp with one text message.</summary>
    public static byte[] WhatsAppText(string from, string text, string messageId) => Encoding.UTF8.GetBytes(
        $$$"""
        {"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",
        "metadata":{"display_phone_number":"15550783881","phone_number_id":"{{{PhoneNumberId}}}"},
        "contacts":[{"profile":{"name":"Ann"},"wa_id":"{{{from}}}"}],
        "messages":[{"from":"{{{from}}}","id":"{{{messageId}}}","timestamp":"1767225600","type":"text","text":{"body":"{{{text}}}"}}]}}]}]}
        """);

    /// <summary>Posts a webhook with a signature made by a secret; the status code.</summary>
    public static async Task<HttpResponseMessage> PostWebhookAsync(HttpClient http, byte[] body, CancellationToken cancellation, string secret = AppSecret)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        content.Headers.Add("X-Hub-Signature-256", "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body)));
        return await http.PostAsync($"/webhooks/whatsapp/{PhoneNumberId}", content, cancellation);
    }
}
