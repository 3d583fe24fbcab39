using System.Text;

namespace Parley.Common.Conversations;

/// <summary>A conversation of a tenant: what records are keyed by, lanes are named by and stores look up.</summary>
/// <remarks>
/// The Kafka key is <c>{bytes of tenant}:{tenant}:{conversation id}</c> in UTF-8, for example <c>4:demo:c_5f0c…</c>. The length
/// prefix makes it injective: no choice of tenant and conversation id gives another pair's key.
/// </remarks>
public readonly record struct ConversationKey(string Tenant, string ConversationId)
{
    /// <summary>The Kafka record key.</summary>
    public string ToRecordKey() => $"{Encoding.UTF8.GetByteCount(Tenant)}:{Tenant}:{ConversationId}";

    /// <summary>Reads a record key; false, with the reason in <paramref name="error"/>, when it has another form.</summary>
    public static bool TryParse(string? recordKey, out ConversationKey key, out string error)
    {
        key = default;
        error = "the record has no key";
        if (string.IsNullOrEmpty(recordKey)) return false;

        error = "the key is not '<bytes of tenant>:<tenant>:<conversation id>'";
        var colon = recordKey.IndexOf(':', StringComparison.Ordinal);
        // One form only: a second spelling of a key would put records of one conversation on two partitions.
        if (colon is < 1 or > 4 || recordKey[0] == '0' || recordKey.AsSpan(0, colon).ContainsAnyExceptInRange('0', '9')) return false;
        var tenantBytes = int.Parse(recordKey.AsSpan(0, colon), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture);

        var rest = recordKey[(colon + 1)..];
        var length = CharsOfBytes(rest, tenantBytes);
        if (length < 1 || length >= rest.Length - 1 || rest[length] != ':') return false;

        key = new ConversationKey(rest[..length], rest[(length + 1)..]);
        return true;
    }

    public override string ToString() => ToRecordKey();

    private static int CharsOfBytes(string text, int bytes)
    {
        var seen = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (seen == bytes) return i;
            seen += i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]) ? Encoding.UTF8.GetByteCount(text.AsSpan(i++, 2))
                : Encoding.UTF8.GetByteCount(text.AsSpan(i, 1));
        }

        return -1;
    }
}
