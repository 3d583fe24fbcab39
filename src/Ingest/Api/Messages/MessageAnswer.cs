using System.Text.Json;
using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;

namespace Parley.Ingest.Api.Messages;

/// <summary>The 200 of <c>POST /chat/message</c>: what the turn said.</summary>
internal sealed record MessageAnswer(
    string MessageId, string ConversationId, AnswerResponse Response, AnswerState ConversationState, AnswerProcessing ProcessingMetadata,
    DateTimeOffset Timestamp)
{
    public static MessageAnswer Of(SeenMessage seen, ConversationState? state, DateTimeOffset now)
    {
        StoredReply[] replies = [.. seen.Replies.OrderBy(r => r.Reply.Seq)];
        var first = replies.FirstOrDefault();
        return new MessageAnswer(
            seen.Identity.MessageId,
            seen.Key.ConversationId,
            AnswerResponse.Of(replies),
            new AnswerState(NameOf(state?.Status ?? ConversationStatus.Active), state?.Session?.Id, seen.TurnId, seen.Facts.NextExpectedInputs ?? []),
            new AnswerProcessing(
                seen.Facts.ProcessingTimeMs, seen.Facts.ModelUsed, seen.Facts.ModelProvider, seen.Facts.ConfidenceScore,
                first?.Delivery, first?.Reply.ReplyId),
            first?.Reply.CreatedAt ?? now);
    }

    private static string NameOf(ConversationStatus status) => JsonNamingPolicy.SnakeCaseLower.ConvertName(status.ToString());
}

/// <param name="Type">text, choices, or none when the engine had nothing to say (a person has the conversation, for example).</param>
/// <param name="Content">The text; of several replies, one line each.</param>
/// <param name="Fallback">True when the engine could not answer and the tenant's fallback text stands in.</param>
internal sealed record AnswerResponse(string Type, string Content, IReadOnlyList<ReplyAction> SuggestedActions, bool Fallback)
{
    public static AnswerResponse Of(IReadOnlyList<StoredReply> replies) => new(
        replies.Count == 0 ? "none" : replies[^1].Reply.Content.Type,
        string.Join('\n', replies.Select(r => r.Reply.Content.Text)),
        [.. replies.SelectMany(r => r.Reply.Content.Actions ?? [])],
        replies.Any(r => r.Reply.Fallback));
}

/// <param name="Status">active, handed_off, parked or closed.</param>
internal sealed record AnswerState(string Status, string? SessionId, string TurnId, IReadOnlyList<string> NextExpectedInputs);

internal sealed record AnswerProcessing(
    long ProcessingTimeMs, string? ModelUsed, string? ModelProvider, double? ConfidenceScore, DeliveryStatus? DeliveryStatus, string? ReplyId);

/// <summary>The 202: the message is durable, its turn is not done yet.</summary>
internal sealed record AcceptedMessage(string MessageId, string ConversationId);
