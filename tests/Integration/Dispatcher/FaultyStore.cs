using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;

namespace Parley.Integration.Dispatcher;

/// <summary>A store whose connection breaks at calls of the ledger, before the call took hold or after, when the caller cannot tell; or whose answer to a claim is long in coming.</summary>
internal sealed class FaultyStore(IConversationStore inner, int seed) : IConversationStore
{
    private readonly Random _random = new(seed); // guarded by itself

    /// <summary>Of a hundred calls, how many break off.</summary>
    public int FaultsPerHundred { get; set; }

    public int Faults { get; private set; }

    /// <summary>How long the answer to the next claim takes to arrive.</summary>
    public TimeSpan NextClaimTakes { get; set; }

    public Task<LedgerEntry?> FindReplyAsync(string tenant, string replyId, CancellationToken cancellation) =>
        BreakingAsync(() => inner.FindReplyAsync(tenant, replyId, cancellation));

    public Task<bool> TryUpdateLedgerAsync(LedgerEntry expected, LedgerEntry next, CancellationToken cancellation) =>
        BreakingAsync(() => inner.TryUpdateLedgerAsync(expected, next, cancellation));

    public async Task<bool> TryClaimAsync(LedgerEntry expected, LedgerEntry attempt, int epoch, CancellationToken cancellation)
    {
        var claimed = await BreakingAsync(() => inner.TryClaimAsync(expected, attempt, epoch, cancellation));
        var takes = NextClaimTakes;
        NextClaimTakes = TimeSpan.Zero;
        await Task.Delay(takes, cancellation);
        return claimed;
    }

    public Task<ConversationState?> LoadAsync(ConversationKey key, CancellationToken cancellation) => BreakingAsync(() => inner.LoadAsync(key, cancellation));

    public Task InitialiseAsync(CancellationToken cancellation) => inner.InitialiseAsync(cancellation);

    public Task<IReadOnlyList<SeenMessage>> FindSeenAsync(IReadOnlyList<MessageIdentity> messages, CancellationToken cancellation) => inner.FindSeenAsync(messages, cancellation);

    public Task<IReadOnlyList<CommitOutcome>> CommitAsync(IReadOnlyList<TurnCommit> turns, CancellationToken cancellation) => inner.CommitAsync(turns, cancellation);

    public Task RecordAttemptAsync(TurnAttempt attempt, CancellationToken cancellation) => inner.RecordAttemptAsync(attempt, cancellation);

    public Task<IReadOnlyList<AttemptCount>> ReadAttemptsAsync(ConversationKey key, CancellationToken cancellation) => inner.ReadAttemptsAsync(key, cancellation);

    public Task<ParkedPage> ReadParkedAsync(ConversationKey key, int limit, CancellationToken cancellation) => inner.ReadParkedAsync(key, limit, cancellation);

    public Task<IReadOnlyList<Reply>> FindPendingRepliesAsync(ConversationKey key, CancellationToken cancellation) => inner.FindPendingRepliesAsync(key, cancellation);

    public Task<ReceiptOutcome?> ApplyReceiptAsync(Receipt receipt, CancellationToken cancellation) => inner.ApplyReceiptAsync(receipt, cancellation);

    public Task<IReadOnlyList<OwedReply>> FindOwedRepliesAsync(DateTimeOffset before, int limit, CancellationToken cancellation) => inner.FindOwedRepliesAsync(before, limit, cancellation);

    public Task<HistoryPage> ReadHistoryAsync(ConversationKey key, int page, int pageSize, CancellationToken cancellation) => inner.ReadHistoryAsync(key, page, pageSize, cancellation);

    public Task<IReadOnlyList<HistoryEntry>> ReadHistoryAfterAsync(ConversationKey key, long afterSeq, int limit, CancellationToken cancellation) =>
        inner.ReadHistoryAfterAsync(key, afterSeq, limit, cancellation);

    public Task PingAsync(CancellationToken cancellation) => inner.PingAsync(cancellation);

    private async Task<T> BreakingAsync<T>(Func<Task<T>> call)
    {
        bool breaks, after;
        lock (_random)
        {
            (breaks, after) = (_random.Next(100) < FaultsPerHundred, _random.Next(2) == 0);
            if (breaks) Faults++;
        }

        if (breaks && !after) throw new StoreUnavailableException("broke off before");
        var result = await call();
        if (breaks) throw new StoreUnavailableException("broke off after");
        return result;
    }
}
