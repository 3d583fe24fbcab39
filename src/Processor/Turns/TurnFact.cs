using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;

namespace Parley.Processor.Turns;

/// <summary>What a turn tells other systems.</summary>
internal static class TurnFact
{
    /// <param name="parkedBy">What told the messages to be parked: a turn's commit, or a command that failed on them again.</param>
    public static IReadOnlyList<ConversationEvent> Of(
        ConversationState before, TurnCommit turn, IReadOnlyList<TurnMessage> messages, string parkedBy, DateTimeOffset now)
    {
        var told = new List<ConversationEvent>();
        var first = messages[0].Message;
        var after = turn.State;
        if (before.Version == 0) told.Add(About(EventNames.ConversationStarted, first, now));
        if (!turn.Facts.Parked) told.AddRange(messages.Select(m => Processed(m.Message, now)));
        if (turn.Facts.Parked && turn.Facts.Reason is { } reason) told.Add(Parked(first, parkedBy, reason, now));
        if (turn.Facts.Fallback) told.Add(About(EventNames.FallbackUsed, first, now) with { ReplyId = turn.Replies[0].ReplyId, Reason = turn.Facts.Reason });
        if (after.Status == ConversationStatus.HandedOff && before.Status != ConversationStatus.HandedOff) told.Add(About(EventNames.HandedOff, first, now));
        if (before.Status == ConversationStatus.Parked && after.Status != ConversationStatus.Parked) told.Add(About(EventNames.ConversationReleased, first, now));
        return told;
    }

    /// <summary>What was told when the message was committed.</summary>
    public static IEnumerable<ConversationEvent> Again(InboundMessage message, SeenMessage seen, DateTimeOffset now)
    {
        if (!seen.Facts.Parked) yield return Processed(message, now);
        else if (seen.Facts.Reason is { } reason) yield return Parked(message, seen.TurnId, reason, now);
    }

    private static ConversationEvent Processed(InboundMessage message, DateTimeOffset now) => About(EventNames.MessageProcessed, message, now);

    /// <summary>A conversation may be parked again over the same message; <paramref name="parkedBy"/> tells the two apart.</summary>
    public static ConversationEvent Parked(InboundMessage message, string parkedBy, string reason, DateTimeOffset now) =>
        About(EventNames.ConversationParked, message, now) with
        {
            EventId = DerivedId.Of("event", EventNames.ConversationParked, message.Tenant, message.ConversationId, parkedBy),
            Reason = reason,
        };

    private static ConversationEvent About(string name, InboundMessage message, DateTimeOffset now) => new()
    {
        EventId = DerivedId.Of("event", name, message.Tenant, message.ConversationId, message.MessageId),
        Name = name,
        Tenant = message.Tenant,
        ConversationId = message.ConversationId,
        Channel = message.Channel,
        MessageId = message.MessageId,
        At = now,
    };
}
