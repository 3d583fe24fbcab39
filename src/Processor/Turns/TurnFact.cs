using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;

namespace Parley.Processor.Turns;

/// <summary>What a turn tells other systems.</summary>
internal static class TurnFact
{
    public static IReadOnlyList<ConversationEvent> Of(
        ConversationState before, ConversationState after, IReadOnlyList<TurnMessage> messages, IReadOnlyList<Reply> replies, TurnFacts facts, DateTimeOffset now)
    {
        var told = new List<ConversationEvent>();
        var first = messages[0].Message;
        if (before.Version == 0) told.Add(About(EventNames.ConversationStarted, first, now));
        told.AddRange(messages.Select(m => Processed(m.Message, now)));
        if (facts.Fallback) told.Add(About(EventNames.FallbackUsed, first, now) with { ReplyId = replies[0].ReplyId });
        if (after.Status == ConversationStatus.HandedOff && before.Status != ConversationStatus.HandedOff) told.Add(About(EventNames.HandedOff, first, now));
        return told;
    }

    public static ConversationEvent Processed(InboundMessage message, DateTimeOffset now) => About(EventNames.MessageProcessed, message, now);

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
