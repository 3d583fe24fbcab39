using System.Globalization;
using Parley.Chaos.History;

namespace Parley.Chaos.Workload;

/// <summary>Texts that say which message they are and whose: of customers (<c>m|…</c>) and of the engine's replies (<c>re|…</c>).</summary>
internal static class MessageText
{
    /// <summary>The letter at the end is no ASCII: bodies carry it escaped, as Meta writes them.</summary>
    public static string Of(MessageKey key, string canary) =>
        string.Create(CultureInfo.InvariantCulture, $"m|{key.Tenant}|{key.Conversation}|{key.Seq}|{canary}|caf\u00e9");

    public static string Reply(MessageKey last, string hash, string canary) =>
        string.Create(CultureInfo.InvariantCulture, $"re|{last.Tenant}|{last.Conversation}|{last.Seq}|{hash}|{canary}");

    /// <summary>The provider's id of a message. The same in every tenant: only tenant, channel, account and id together name a message.</summary>
    public static string Id(MessageKey key) => string.Create(CultureInfo.InvariantCulture, $"wamid.{key.Conversation}.{key.Seq}");

    public static bool TryRead(string? text, out MessageKey key, out string hash)
    {
        (key, hash) = (default, "");
        if (text?.Split('|') is not [var kind, var tenant, var conversation, var seq, var fourth, ..] || kind is not ("m" or "re")) return false;
        if (!int.TryParse(seq, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return false;

        (key, hash) = (new MessageKey(tenant, conversation, number), kind == "re" ? fourth : "");
        return true;
    }
}
