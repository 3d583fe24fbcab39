using Parley.Common.Conversations;
using Parley.Common.Records;

namespace Parley.Common.Stores;

/// <summary>
/// The truth about conversations. One turn is one commit: state, messages and replies together or not at all. Implementations keep
/// the same contract (the contract tests run against each) and throw only when the store cannot be reached or the outcome of a write
/// is not known (<see cref="StoreUnavailableException"/>); everything expected is a value.
/// </summary>
public interface IConversationStore
{
    /// <summary>Creates or migrates the schema. Safe to call from several processes at once.</summary>
    Task InitialiseAsync(CancellationToken cancellation);

    /// <summary>The state of a conversation; null when nothing of it was committed yet.</summary>
    Task<ConversationState?> LoadAsync(ConversationKey key, CancellationToken cancellation);

    /// <summary>Those of the messages that a turn has already committed, with the replies of that turn.</summary>
    Task<IReadOnlyList<SeenMessage>> FindSeenAsync(IReadOnlyList<MessageIdentity> messages, CancellationToken cancellation);

    /// <summary>
    /// Commits many turns in one transaction; the outcomes stand in the order of the turns. A turn that conflicts or repeats a message
    /// leaves nothing behind and does not touch its neighbours.
    /// </summary>
    Task<IReadOnlyList<CommitOutcome>> CommitAsync(IReadOnlyList<TurnCommit> turns, CancellationToken cancellation);

    /// <summary>
    /// Writes how an attempt at a turn stands: begun before it is made, and how it ended. Writing the same again changes nothing, so a
    /// write of unknown outcome is repeated. A commit of the conversation forgets all of its attempts.
    /// </summary>
    Task RecordAttemptAsync(TurnAttempt attempt, CancellationToken cancellation);

    /// <summary>The attempts of a conversation that are not forgotten, one line for each head.</summary>
    Task<IReadOnlyList<AttemptCount>> ReadAttemptsAsync(ConversationKey key, CancellationToken cancellation);

    /// <summary>The oldest parked messages of a conversation, at most <paramref name="limit"/>, and how many there are.</summary>
    Task<ParkedPage> ReadParkedAsync(ConversationKey key, int limit, CancellationToken cancellation);

    /// <summary>Replies of a conversation that are <see cref="LedgerState.Pending"/>, in their order.</summary>
    Task<IReadOnlyList<Reply>> FindPendingRepliesAsync(ConversationKey key, CancellationToken cancellation);

    /// <summary>The ledger's row of a reply; null when there is none.</summary>
    Task<LedgerEntry?> FindReplyAsync(string tenant, string replyId, CancellationToken cancellation);

    /// <summary>
    /// Writes the ledger's row of a reply if state, attempt and owner are still <paramref name="expected"/>'s; false when somebody else was first.
    /// A row that becomes <see cref="LedgerState.Sent"/> takes the reply's delivery to accepted, if it was not that far; everything else is moved by receipts.
    /// A provider message id that is stored stays when <paramref name="next"/> has none.
    /// </summary>
    Task<bool> TryUpdateLedgerAsync(LedgerEntry expected, LedgerEntry next, CancellationToken cancellation);

    /// <summary>
    /// The same, and only while the reply's conversation is not beyond <paramref name="epoch"/>: it has not been handed over since the reply was made.
    /// </summary>
    Task<bool> TryClaimAsync(LedgerEntry expected, LedgerEntry attempt, int epoch, CancellationToken cancellation);

    /// <summary>
    /// Moves a reply's delivery forward, found by our reply id or the channel's id. The ledger's row follows the delivery: accepted or
    /// further makes it <see cref="LedgerState.Sent"/>, failed <see cref="LedgerState.Failed"/>; so receipts in any order give the same row.
    /// Null when no such reply is stored.
    /// </summary>
    Task<ReceiptOutcome?> ApplyReceiptAsync(Receipt receipt, CancellationToken cancellation);

    /// <summary>
    /// Replies that are <see cref="LedgerState.Pending"/> or <see cref="LedgerState.Sending"/> and that nobody has looked after since
    /// <paramref name="before"/>: their <see cref="LedgerEntry.Deadline"/>, or without one their time of making, lies before it. Oldest first: what is
    /// being sent may stand where it was made.
    /// </summary>
    Task<IReadOnlyList<OwedReply>> FindOwedRepliesAsync(DateTimeOffset before, int limit, CancellationToken cancellation);

    /// <summary>A page of a conversation's history, oldest first; page 1 is the first.</summary>
    Task<HistoryPage> ReadHistoryAsync(ConversationKey key, int page, int pageSize, CancellationToken cancellation);

    /// <summary>The entries of a conversation's history after a sequence, oldest first, at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<HistoryEntry>> ReadHistoryAfterAsync(ConversationKey key, long afterSeq, int limit, CancellationToken cancellation);

    /// <summary>A cheap round trip; throws <see cref="StoreUnavailableException"/> when the store does not answer.</summary>
    Task PingAsync(CancellationToken cancellation);
}

/// <summary>The store did not answer, or the outcome of a write is not known: read back before deciding anything.</summary>
public sealed class StoreUnavailableException : Exception
{
    public StoreUnavailableException(string message, Exception? inner = null) : base(message, inner) { }

    /// <summary>True when a commit was on its way: it may or may not have taken hold. False when certainly nothing was written.</summary>
    public bool OutcomeUnknown { get; init; }
}
