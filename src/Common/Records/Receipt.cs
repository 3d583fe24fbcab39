using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Common.Conversations;

namespace Parley.Common.Records;

/// <summary>What became of a reply; the data of a <c>parley.receipt.v1</c> record on <c>parley.inbound</c>, for the conversation's owner.</summary>
public sealed record Receipt
{
    /// <summary>
    /// A receipt is <see cref="Recorded"/> only if it is told so soon after its reply may first have left. So whoever has watched the receipts of a conversation for longer knows of
    /// every status that the channel has given of the reply meanwhile.
    /// </summary>
    public static readonly TimeSpan RecordedWithin = TimeSpan.FromSeconds(20);

    public required string Tenant { get; init; }
    public required string ConversationId { get; init; }
    public required string Channel { get; init; }
    public required string Account { get; init; }

    /// <summary>Our id of the reply; null when the channel named only its own.</summary>
    public string? ReplyId { get; init; }

    /// <summary>The channel's id of the message it made of the reply.</summary>
    public string? ProviderMessageId { get; init; }

    public required DeliveryStatus Status { get; init; }

    /// <summary>Status failed or unknown: the channel's code and words.</summary>
    public string? Reason { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>
    /// Written by whoever has just written the same to the reply's row, the dispatcher: the owner of the conversation has nothing to write, only to tell.
    /// False in a receipt from anywhere else.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Recorded { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }

    [JsonIgnore]
    public ConversationKey Key => new(Tenant, ConversationId);
}

/// <summary>How far a reply has come. A receipt only moves a reply forward: see <see cref="DeliveryStatuses.Merge"/>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DeliveryStatus>))]
public enum DeliveryStatus
{
    [JsonStringEnumMemberName("pending")] Pending = 0,

    /// <summary>Whether the channel took it could not be found out.</summary>
    [JsonStringEnumMemberName("unknown")] Unknown = 1,

    /// <summary>The channel took it (a 2xx), nothing more.</summary>
    [JsonStringEnumMemberName("accepted")] Accepted = 2,

    [JsonStringEnumMemberName("sent")] Sent = 3,
    [JsonStringEnumMemberName("delivered")] Delivered = 4,
    [JsonStringEnumMemberName("read")] Read = 5,

    /// <summary>It will not arrive. Terminal, unless it was already delivered.</summary>
    [JsonStringEnumMemberName("failed")] Failed = 6,
}

/// <summary>The order of delivery statuses.</summary>
public static class DeliveryStatuses
{
    /// <summary>The status after <paramref name="news"/>: commutative, idempotent, never backwards.</summary>
    public static DeliveryStatus Merge(DeliveryStatus known, DeliveryStatus news)
    {
        var (low, high) = known < news ? (known, news) : (news, known);
        return high == DeliveryStatus.Failed && low is DeliveryStatus.Delivered or DeliveryStatus.Read ? low : high;
    }
}
