using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;

namespace Parley.Processor.Turns;

/// <summary>What a <see cref="Turn"/> wants done next. Exactly one at a time; its outcome comes back as a <see cref="TurnEvent"/>.</summary>
internal abstract record TurnEffect
{
    private TurnEffect() { }

    /// <summary>Read the conversation and look the messages up.</summary>
    /// <param name="Messages">Those of the turn's records.</param>
    /// <param name="Attempts">Whether earlier attempts are wanted as well.</param>
    /// <param name="Parked">Whether the parked list and the pending replies are wanted as well.</param>
    /// <param name="Reply">Id of a reply that is there if a command was applied before; null to ask for none.</param>
    public sealed record Load(IReadOnlyList<MessageIdentity> Messages, bool Attempts = false, bool Parked = false, string? Reply = null) : TurnEffect;

    /// <summary>Write how an attempt stands; one that is begun, before anything of it happens.</summary>
    public sealed record RecordAttempt(TurnAttempt Attempt) : TurnEffect;

    /// <summary>Take this process's one place for turns that a process has died in, until the run ends.</summary>
    public sealed record Isolate : TurnEffect;

    /// <param name="State">With the session the turn belongs to.</param>
    /// <param name="Messages">Those the engine has not answered yet, oldest first.</param>
    /// <param name="Attempt">Number of the attempt as far as it is known, from 1.</param>
    public sealed record CallEngine(string TurnId, ConversationState State, IReadOnlyList<InboundMessage> Messages, int Attempt) : TurnEffect;

    public sealed record Commit(TurnCommit Turn) : TurnEffect;

    /// <summary>
    /// Replies go to the outbound topic, one after the other in this order, acknowledged before the turn is over; then facts to the events topic, acknowledged
    /// before the offsets of the turn's records count.
    /// </summary>
    /// <param name="MayFollow">
    /// Nothing is left to decide about the turn: the conversation's next turn may begin meanwhile, as long as it publishes nothing before this has ended.
    /// </param>
    public sealed record Publish(IReadOnlyList<Reply> Replies, IReadOnlyList<ConversationEvent> Facts, bool MayFollow = false) : TurnEffect;

    /// <summary>The messages' records go to the dead letters, acknowledged before anything says that they are dealt with.</summary>
    public sealed record DeadLetter(IReadOnlyList<TurnMessage> Messages, string Reason) : TurnEffect;

    /// <summary>The messages are done for good.</summary>
    /// <param name="More">The same record has more to do: it runs again.</param>
    public sealed record Done(bool More = false) : TurnEffect;

    /// <summary>Start over after a while.</summary>
    /// <param name="WholeEngine">Nobody else's turn would fare better on this engine meanwhile.</param>
    /// <param name="Quiet">Nothing went wrong: it only waits for its turn.</param>
    public sealed record Retry(TimeSpan After, string Reason, bool WholeEngine = false, bool Quiet = false) : TurnEffect;

    /// <summary>Not even parking is possible: the oldest record goes to the dead letters, and that is all.</summary>
    public sealed record GiveUp(string Reason) : TurnEffect;
}
