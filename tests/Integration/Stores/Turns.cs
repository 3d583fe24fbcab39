using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;

namespace Parley.Integration.Stores;

/// <summary>Turns that hang together: versions, sequences and ids as the Processor makes them.</summary>
internal static class Turns
{
    public static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>The turn that answers messages of one conversation.</summary>
    /// <param name="after">The state it was computed from; null for the conversation's first turn.</param>
    public static TurnCommit Answer(ConversationState? after, int replies, params InboundMessage[] messages)
    {
        var first = messages[0];
        var turnId = DerivedId.Turn(first.Key, first.Identity, messages[^1].Identity);
        var seq = after?.LastSeq ?? 0;
        var committed = messages.Select((m, i) => new CommittedMessage(m, ++seq, Partition: 3, Offset: 40 + i)).ToList();
        var answers = Enumerable.Range(0, replies).Select(i => new Reply
        {
            ReplyId = DerivedId.Reply(turnId, i),
            TurnId = turnId,
            Tenant = first.Tenant,
            ConversationId = first.ConversationId,
            Channel = first.Channel,
            Account = first.Account,
            To = first.Participant.Id,
            Seq = ++seq,
            InReplyTo = [.. messages.Select(m => m.MessageId)],
            Content = new ReplyContent { Type = "text", Text = $"answer {i} to {first.Content.Text}" },
            CreatedAt = Noon,
        }).ToList();

        return new TurnCommit
        {
            Key = first.Key,
            ExpectedVersion = after?.Version ?? 0,
            State = Start(first) with { Version = (after?.Version ?? 0) + 1, LastSeq = seq, CreatedAt = after?.CreatedAt ?? Noon, UpdatedAt = Noon },
            TurnId = turnId,
            Messages = committed,
            Replies = answers,
            Facts = new TurnFacts { ProcessingTimeMs = 12, ModelUsed = "small", ConfidenceScore = 0.5, NextExpectedInputs = ["text"] },
        };
    }

    public static TurnCommit Answer(InboundMessage message, ConversationState? after = null, int replies = 1) => Answer(after, replies, message);

    public static async Task<CommitOutcome> CommitAsync(this IConversationStore store, TurnCommit turn, CancellationToken cancellation) =>
        (await store.CommitAsync([turn], cancellation))[0];

    private static ConversationState Start(InboundMessage message) => new()
    {
        Channel = message.Channel,
        Account = message.Account,
        Participant = message.Participant,
        Thread = message.Thread,
    };
}
