using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Parley.Chaos.History;

namespace Parley.Chaos.Workload;

/// <summary>Bodies as Meta posts them, with their signatures.</summary>
internal static class WebhookBodies
{
    // Meta escapes slashes and everything that is not ASCII; a signature over parsed and rewritten JSON would not match.
    public static byte[] Messages(ChaosTenant tenant, string account, string phone, IReadOnlyList<MessageKey> messages)
    {
        var items = messages.Select(m =>
            $$$"""{"from":"{{{phone}}}","id":"{{{MessageText.Id(m)}}}","timestamp":"1767225600","type":"text","text":{"body":{{{JsonSerializer.Serialize(MessageText.Of(m, tenant.Canary))}}}}}""");
        return Envelope(account,
            $$"""
            "contacts":[{"profile":{"name":"Ann \/ {{tenant.Canary}}"},"wa_id":"{{phone}}"}],"messages":[{{string.Join(',', items)}}]
            """);
    }

    public static byte[] Statuses(string account, IEnumerable<AcceptedSend> sends, IReadOnlyDictionary<string, string> callbacks)
    {
        var items = sends.Select(s =>
            $$"""{"id":"{{s.ProviderId}}","status":"delivered","timestamp":"1767225600","recipient_id":"{{s.To.TrimStart('+')}}","biz_opaque_callback_data":"{{callbacks[s.ProviderId]}}"}""");
        return Envelope(account, $"\"statuses\":[{string.Join(',', items)}]");
    }

    public static string Sign(byte[] body, string secret) =>
        "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body));

    private static byte[] Envelope(string account, string members) => Encoding.UTF8.GetBytes(
        $$$"""
        {"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"{{{account}}}"},{{{members}}}}}]}]}
        """);
}
