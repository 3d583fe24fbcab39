using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.Processor.Engine;

namespace Parley.Processor.Turns;

/// <summary>What happened, told to a <see cref="Turn"/>.</summary>
internal abstract record TurnEvent
{
    private TurnEvent() { }

    /// <summary>The conversation as the store has it, and which of the turn's messages it has already.</summary>
    public sealed record Loaded(ConversationState? State, IReadOnlyList<SeenMessage> Seen) : TurnEvent
    {
        /// <summary>Earlier attempts, when they were asked for.</summary>
        public IReadOnlyList<AttemptCount> Attempts { get; init; } = [];

        /// <summary>The parked list, when it was asked for.</summary>
        public ParkedPage Parked { get; init; } = new([], 0);

        /// <summary>Pending replies of the conversation, when the parked list was asked for.</summary>
        public IReadOnlyList<Reply> Pending { get; init; } = [];

        /// <summary>Whether the reply that was asked for is there.</summary>
        public bool HasReply { get; init; }
    }

    public sealed record AttemptRecorded : TurnEvent;

    /// <param name="Granted">Whether the place was free.</param>
    public sealed record Isolated(bool Granted) : TurnEvent;

    /// <param name="Outcome">How the call ended.</param>
    /// <param name="Duration">How long it took.</param>
    public sealed record EngineReturned(EngineOutcome Outcome, TimeSpan Duration) : TurnEvent;

    /// <summary>A further message came while the engine was at work, and the policy wants it in the same turn. The call was ended.</summary>
    public sealed record Interrupted : TurnEvent;

    public sealed record CommitReturned(CommitOutcome Outcome) : TurnEvent;

    /// <summary>The store could not be reached, or nobody knows what became of the write.</summary>
    public sealed record StoreFailed(string Reason) : TurnEvent;

    /// <summary>The call of the engine or the commit threw what is no outcome: the message, or the answer to it, is more than we can handle.</summary>
    public sealed record Threw(string Reason) : TurnEvent;

    /// <param name="Acknowledged">Whether the broker has everything.</param>
    public sealed record PublishReturned(bool Acknowledged) : TurnEvent;

    /// <param name="Acknowledged">Whether the broker has everything.</param>
    public sealed record DeadLettered(bool Acknowledged) : TurnEvent;
}
