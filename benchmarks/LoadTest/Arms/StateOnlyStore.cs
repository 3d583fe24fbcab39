using System.Collections.Concurrent;
using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;

namespace Parley.LoadTest.Arms;

/// <summary>
/// The store of the benchmark's arms without a store: it remembers the newest state of each conversation, so that versions are compared
/// as everywhere, and forgets messages, replies and itself. It exists only here; Parley has no such mode.
/// </summary>
internal sealed class StateOnlyStore : IConversationStore
{
    private readonly ConcurrentDictionary<ConversationKey, ConversationState> _states = new();

    public Task InitialiseAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task<ConversationState?> LoadAsync(ConversationKey key, CancellationToken cancellation) => Task.FromResult(_states.GetValueOrDefault(key));

    public Task<IReadOnlyList<SeenMessage>> FindSeenAsync(IReadOnlyList<MessageIdentity> messages, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<SeenMessage>>([]);

    public Task<IReadOnlyList<CommitOutcome>> CommitAsync(IReadOnlyList<TurnCommit> turns, CancellationToken cancellation)
    {
        var outcomes = new CommitOutcome[turns.Count];
        for (var i = 0; i < outcomes.Length; i++) outcomes[i] = Commit(turns[i]);
        return Task.FromResult<IReadOnlyList<CommitOutcome>>(outcomes);
    }

    public Task RecordAttemptAsync(TurnAttempt attempt, CancellationToken cancellation) => Task.CompletedTask;

    public Task<IReadOnlyList<AttemptCount>> ReadAttemptsAsync(ConversationKey key, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<AttemptCount>>([]);

    public Task<ParkedPage> ReadParkedAsync(ConversationKey key, int limit, CancellationToken cancellation) => Task.FromResult(new ParkedPage([], 0));

    public Task<IReadOnlyList<Reply>> FindPendingRepliesAsync(ConversationKey key, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<Reply>>([]);

    public Task<LedgerEntry?> FindReplyAsync(string tenant, string replyId, CancellationToken cancellation) => Task.FromResult<LedgerEntry?>(null);

    public Task<bool> TryUpdateLedgerAsync(LedgerEntry expected, LedgerEntry next, CancellationToken cancellation) => Task.FromResult(false);

    public Task<bool> TryClaimAsync(LedgerEntry expected, LedgerEntry attempt, int epoch, CancellationToken cancellation) => Task.FromResult(false);

    public Task<ReceiptOutcome?> ApplyReceiptAsync(Receipt receipt, CancellationToken cancellation) => Task.FromResult<ReceiptOutcome?>(null);

    public Task<IReadOnlyList<OwedReply>> FindOwedRepliesAsync(DateTimeOffset before, int limit, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<OwedReply>>([]);

    public Task<HistoryPage> ReadHistoryAsync(ConversationKey key, int page, int pageSize, CancellationToken cancellation) =>
        Task.FromResult(new HistoryPage([], 0));

    public Task<IReadOnlyList<HistoryEntry>> ReadHistoryAfterAsync(ConversationKey key, long afterSeq, int limit, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<HistoryEntry>>([]);

    public Task PingAsync(CancellationToken cancellation) => Task.CompletedTask;

    private CommitOutcome Commit(TurnCommit turn)
    {
        var present = _states.GetValueOrDefault(turn.Key);
        if ((present?.Version ?? 0) != turn.ExpectedVersion) return CommitOutcome.Conflict;
        var kept = present is null ? _states.TryAdd(turn.Key, turn.State) : _states.TryUpdate(turn.Key, turn.State, present);
        return kept ? CommitOutcome.Committed : CommitOutcome.Conflict;
    }
}
