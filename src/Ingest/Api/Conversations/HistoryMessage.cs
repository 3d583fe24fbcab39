using System.Text.Json;
using Parley.Common.Records;
using Parley.Common.Stores;

namespace Parley.Ingest.Api.Conversations;

/// <summary>One message of a history, as the API and the stream show it.</summary>
/// <param name="Direction">inbound: from the participant; outbound: to the participant.</param>
/// <param name="Kind">Left out for a plain message; else edit, delete, reaction, echo or system.</param>
/// <param name="ReplyTo">Id of the message that this one answers, changes or reacts to.</param>
/// <param name="Delivery">Of what we sent.</param>
/// <param name="Fallback">True when the engine could not answer; left out otherwise.</param>
internal sealed record HistoryMessage(
    long Seq, string MessageId, string Direction, string? Kind, HistoryContent Content, string? ReplyTo, DateTimeOffset? Timestamp,
    HistoryDelivery? Delivery, bool? Fallback)
{
    public static HistoryMessage Of(HistoryEntry entry) => entry switch
    {
        { Reply: { } reply } => new HistoryMessage(
            entry.Seq, reply.ReplyId, "outbound", null, HistoryContent.Of(reply.Content), null, reply.CreatedAt,
            new HistoryDelivery(entry.Delivery, entry.DeliveryReason), reply.Fallback ? true : null),
        { Message: { } message } => new HistoryMessage(
            entry.Seq, message.MessageId, message.Kind == InboundKinds.Echo ? "outbound" : "inbound",
            message.Kind == InboundKinds.Message ? null : message.Kind,
            HistoryContent.Of(message.Content), message.ReplyTo, message.SentAt ?? message.ReceivedAt, null, null),
        _ => throw new InvalidOperationException($"History entry {entry.Seq} is neither a message nor a reply."),
    };
}

internal sealed record HistoryContent(
    string Type, string? Text, string? ChoiceId, IReadOnlyList<MediaReference>? Media, JsonElement? Data, IReadOnlyList<ReplyAction>? SuggestedActions)
{
    public static HistoryContent Of(MessageContent content) => new(content.Type, content.Text, content.ChoiceId, content.Media, content.Data, null);

    public static HistoryContent Of(ReplyContent content) => new(content.Type, content.Text, null, null, null, content.Actions);
}

internal sealed record HistoryDelivery(DeliveryStatus Status, string? Reason);

/// <summary>A page of a history.</summary>
internal sealed record HistoryAnswer(
    string ConversationId, IReadOnlyList<HistoryMessage> Messages, int Page, int PageSize, long TotalMessages, bool HasNext, bool HasPrevious);

/// <summary>Data of the stream's event <c>delivery</c>.</summary>
/// <param name="MessageId">The reply's id.</param>
internal sealed record DeliveryNews(string MessageId, string Status);
