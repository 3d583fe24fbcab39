using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;

namespace Parley.Processor.Turns;

/// <summary>What a <see cref="Turn"/> wants done next. Exactly one at a time; its outcome comes back as a <see cref="TurnEvent"/>.</summary>
internal abstract record TurnEffect
{
    private TurnEffect() { }

    /// <summary>Read the conversation and look the messages up.</summary>
    public sealed record Load(IReadOnlyList<MessageIdentity> Messages) : TurnEffect;

    /// <param name="State">With the session the turn belongs to.</param>
    /// <param name="Messages">Those the engine has not answered yet, oldest first.</param>
    public sealed record CallEngine(string TurnId, ConversationState State, IReadOnlyList<InboundMessage> Messages) : TurnEffect;

    public sealed record Commit(TurnCommit Turn) : TurnEffect;

    /// <summary>Replies go to the outbound topic, one after the other in this order, facts to the events topic, all acknowledged before the turn is over.</summary>
    public sealed record Publish(IReadOnlyList<Reply> Replies, IReadOnlyList<ConversationEvent> Facts) : TurnEffect;

    /// <summary>The messages are done for good.</summary>
    public sealed record Done : TurnEffect;

    /// <summary>Start over after a while.</summary>
    /// <param name="WholeEngine">Nobody else's turn would fare better on this engine meanwhile.</param>
    public sealed record Retry(TimeSpan After, string Reason, bool WholeEngine = false) : TurnEffect;
}
