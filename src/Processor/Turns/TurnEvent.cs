using Parley.Common.Conversations;
using Parley.Common.Stores;
using Parley.Processor.Engine;

namespace Parley.Processor.Turns;

/// <summary>What happened, told to a <see cref="Turn"/>.</summary>
internal abstract record TurnEvent
{
    private TurnEvent() { }

    /// <summary>The conversation as the store has it, and which of the turn's messages it has already.</summary>
    public sealed record Loaded(ConversationState? State, IReadOnlyList<SeenMessage> Seen) : TurnEvent;

    /// <param name="Outcome">How the call ended.</param>
    /// <param name="Duration">How long it took.</param>
    /// <param name="Patience">Whether the turn may still wait for an engine that fails; false: the fallback text goes out now.</param>
    public sealed record EngineReturned(EngineOutcome Outcome, TimeSpan Duration, bool Patience) : TurnEvent;

    /// <summary>A further message came while the engine was at work, and the policy wants it in the same turn. The call was ended.</summary>
    public sealed record Interrupted : TurnEvent;

    public sealed record CommitReturned(CommitOutcome Outcome) : TurnEvent;

    /// <summary>The store could not be reached, or nobody knows what became of the write.</summary>
    public sealed record StoreFailed(string Reason) : TurnEvent;

    /// <param name="Acknowledged">Whether the broker has everything.</param>
    public sealed record PublishReturned(bool Acknowledged) : TurnEvent;
}
