using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Common.Conversations;

namespace Parley.Common.Records;

/// <summary>A fact for other systems; the data of a <c>parley.event.*.v1</c> record on <c>parley.events</c>. May come twice: <see cref="EventId"/> says so.</summary>
public sealed record ConversationEvent
{
    /// <summary>The same fact always has the same id.</summary>
    public required string EventId { get; init; }

    /// <summary>One of <see cref="EventNames"/>; also the middle part of the record's <c>ce_type</c>.</summary>
    public required string Name { get; init; }

    public required string Tenant { get; init; }
    public required string ConversationId { get; init; }
    public required string Channel { get; init; }
    public string? MessageId { get; init; }
    public string? ReplyId { get; init; }
    public string? Reason { get; init; }
    public required DateTimeOffset At { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }

    [JsonIgnore]
    public ConversationKey Key => new(Tenant, ConversationId);
}

/// <summary>The facts that are told.</summary>
public static class EventNames
{
    public const string ConversationStarted = "conversation-started";
    public const string ConversationClosed = "conversation-closed";
    public const string ConversationParked = "conversation-parked";
    public const string ConversationReleased = "conversation-released";
    public const string HandedOff = "handed-off";
    public const string MessageProcessed = "message-processed";
    public const string FallbackUsed = "fallback-used";
    public const string ReplySent = "reply-sent";
    public const string ReplyDelivered = "reply-delivered";
    public const string ReplyRead = "reply-read";
    public const string ReplyFailed = "reply-failed";
    public const string ReplyUnknown = "reply-unknown";
}
