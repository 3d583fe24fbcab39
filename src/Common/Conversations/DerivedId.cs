using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Parley.Common.Conversations;

/// <summary>Ids that follow from what they name, so that the same thing gets the same id in any process, at any time, with no look-up.</summary>
/// <remarks>128 bits of SHA-256 over the length-prefixed parts: two different lists of parts never hash the same bytes.</remarks>
public static class DerivedId
{
    /// <summary>The conversation with one participant (and thread) on a tenant's account of a channel.</summary>
    public static string Conversation(string tenant, string channel, string account, string participant, string? thread = null) =>
        "c_" + Hash("conversation", tenant, channel, account, participant, thread ?? "");

    /// <summary>
    /// The turn that answers the messages from <paramref name="first"/> to <paramref name="last"/>. Run again after a crash it gets the same id;
    /// with a further message it is another turn, so that an engine which goes by the id never gives the shorter turn's answer.
    /// </summary>
    public static string Turn(ConversationKey conversation, MessageIdentity first, MessageIdentity last) => "t_" + Hash(
        "turn", conversation.Tenant, conversation.ConversationId,
        first.Channel, first.Account, first.MessageId, last.Channel, last.Account, last.MessageId);

    /// <summary>The reply at a position of a turn.</summary>
    public static string Reply(string turnId, int ordinal) =>
        "r_" + Hash("reply", turnId, ordinal.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Any other id, of a named kind.</summary>
    public static string Of(string kind, params ReadOnlySpan<string> parts) => Hash([kind, .. parts]);

    private static string Hash(params ReadOnlySpan<string> parts)
    {
        var size = 0;
        foreach (var part in parts) size += sizeof(int) + Encoding.UTF8.GetMaxByteCount(part.Length);

        var buffer = size <= 1024 ? stackalloc byte[size] : new byte[size];
        var used = 0;
        foreach (var part in parts)
        {
            var written = Encoding.UTF8.GetBytes(part, buffer[(used + sizeof(int))..]);
            BinaryPrimitives.WriteInt32BigEndian(buffer[used..], written);
            used += sizeof(int) + written;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(buffer[..used], hash);
        return Convert.ToHexStringLower(hash[..16]);
    }
}
