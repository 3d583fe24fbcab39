using Parley.Common.Conversations;
using Parley.Common.Records;

namespace Parley.Common.Stores.Sql;

/// <summary>The store on a SQL database. Single reads and writes of many callers share statements and transactions, as turns do in a group.</summary>
internal sealed class SqlStore : IConversationStore, IAsyncDisposable, IDisposable
{
    private const int BatchItems = 256;
    private const int ConcurrentReads = 2;

    private readonly ISqlDatabase _database;
    private readonly TimeProvider _time;
    private readonly SqlRunner _runner;
    private readonly ConversationReads _reads;
    private readonly Batcher<ConversationKey, ConversationState?> _loads;
    private readonly Batcher<MessageIdentity, SeenMessage?> _seen;
    private readonly Batcher<TurnAttempt, bool> _attempts;
    private readonly Batcher<ConversationKey, IReadOnlyList<AttemptCount>> _attemptCounts;
    private readonly Batcher<LedgerWrite, bool> _ledger;
    private readonly Batcher<Receipt, ReceiptOutcome?> _receipts;

    public SqlStore(ISqlDatabase database, TimeProvider time)
    {
        (_database, _time, _runner) = (database, time, new SqlRunner(database, time));
        _reads = new ConversationReads(_runner);
        var reads = new BatchSettings(BatchItems, ConcurrentReads);
        var writes = new BatchSettings(BatchItems, database.ConcurrentWrites);
        var ledger = new ReplyLedger(_runner, time);
        _loads = new(reads, time, _reads.LoadAsync);
        _seen = new(reads, time, _reads.FindSeenAsync);
        var attempts = new AttemptRows(_runner, time);
        _attempts = new(writes, time, attempts.WriteAsync);
        _attemptCounts = new(reads, time, attempts.CountAsync);
        _ledger = new(writes, time, ledger.WriteAsync);
        _receipts = new(writes, time, ledger.ApplyAsync);
    }

    public Task InitialiseAsync(CancellationToken cancellation) => Migrator.RunAsync(_database, _runner, _time, cancellation);

    public Task<ConversationState?> LoadAsync(ConversationKey key, CancellationToken cancellation) => _loads.RunAsync(key, cancellation);

    public async Task<IReadOnlyList<SeenMessage>> FindSeenAsync(IReadOnlyList<MessageIdentity> messages, CancellationToken cancellation)
    {
        var found = await Task.WhenAll(messages.Select(m => _seen.RunAsync(m, cancellation)));
        return [.. found.OfType<SeenMessage>()];
    }

    public async Task<IReadOnlyList<CommitOutcome>> CommitAsync(IReadOnlyList<TurnCommit> turns, CancellationToken cancellation)
    {
        foreach (var turn in turns) TurnRules.Check(turn);
        if (turns.Count == 0) return [];

        var now = _time.GetUtcNow();
        var waves = Waves.Split(turns, TurnWave.Touches)
            .Select(indexes => (Indexes: indexes, Wave: new TurnWave([.. indexes.Select(i => turns[i])], now))).ToList();
        if (waves is [var (_, only)] && await TryAsync(only, cancellation)) return new CommitOutcome[turns.Count];

        return await _runner.WriteAsync(
            async transaction =>
            {
                var outcomes = new CommitOutcome[turns.Count];
                foreach (var (indexes, wave) in waves)
                {
                    var decided = await wave.RunAsync(transaction, cancellation);
                    for (var i = 0; i < indexes.Count; i++) outcomes[indexes[i]] = decided[i];
                }

                return outcomes;
            },
            cancellation);
    }

    private async Task<bool> TryAsync(TurnWave wave, CancellationToken cancellation)
    {
        try
        {
            return await _runner.WriteAsync(t => wave.TryAsync(t, cancellation), cancellation, keep: static all => all);
        }
        catch (Exception e) when (_database.FaultOf(e) == Fault.Duplicate)
        {
            return false;
        }
    }

    public Task RecordAttemptAsync(TurnAttempt attempt, CancellationToken cancellation) => _attempts.RunAsync(attempt, cancellation);

    public Task<IReadOnlyList<AttemptCount>> ReadAttemptsAsync(ConversationKey key, CancellationToken cancellation) =>
        _attemptCounts.RunAsync(key, cancellation);

    public Task<ParkedPage> ReadParkedAsync(ConversationKey key, int limit, CancellationToken cancellation) =>
        _reads.ReadParkedAsync(key, limit, cancellation);

    public Task<IReadOnlyList<Reply>> FindPendingRepliesAsync(ConversationKey key, CancellationToken cancellation) =>
        _reads.FindPendingAsync(key, cancellation);

    public Task<LedgerEntry?> FindReplyAsync(string tenant, string replyId, CancellationToken cancellation) => _runner.ReadAsync(
        async session =>
        {
            LedgerEntry? entry = null;
            var step = new Step(ReplyStatements.Find, [[0L, tenant, replyId]], row => entry = ReplyRow.Read(row).Ledger.Entry);
            await session.RunAsync([step], cancellation);
            return entry;
        },
        cancellation);

    public Task<bool> TryUpdateLedgerAsync(LedgerEntry expected, LedgerEntry next, CancellationToken cancellation)
    {
        if ((expected.Tenant, expected.ReplyId) != (next.Tenant, next.ReplyId))
        {
            throw new ArgumentException("next is the row of another reply", nameof(next));
        }

        return _ledger.RunAsync(new LedgerWrite(expected, next), cancellation, patient: true);
    }

    public Task<bool> TryClaimAsync(LedgerEntry expected, LedgerEntry attempt, int epoch, CancellationToken cancellation) =>
        _ledger.RunAsync(new LedgerWrite(expected, attempt, epoch), cancellation);

    public Task<ReceiptOutcome?> ApplyReceiptAsync(Receipt receipt, CancellationToken cancellation) => _receipts.RunAsync(receipt, cancellation, patient: true);

    public Task<IReadOnlyList<OwedReply>> FindOwedRepliesAsync(DateTimeOffset before, int limit, CancellationToken cancellation) =>
        _runner.ReadAsync<IReadOnlyList<OwedReply>>(
            async session =>
            {
                var owed = new List<OwedReply>();
                var step = new Step(ReplyStatements.FindOwed, [[before, (long)limit]], row => owed.Add(ReplyRow.ReadOwed(row)));
                await session.RunAsync([step], cancellation);
                return owed;
            },
            cancellation);

    public Task<HistoryPage> ReadHistoryAsync(ConversationKey key, int page, int pageSize, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(page, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(pageSize, 1);
        return _reads.ReadPageAsync(key, page, pageSize, cancellation);
    }

    public Task<IReadOnlyList<HistoryEntry>> ReadHistoryAfterAsync(ConversationKey key, long afterSeq, int limit, CancellationToken cancellation) =>
        _reads.ReadAfterAsync(key, afterSeq, limit, cancellation);

    public Task PingAsync(CancellationToken cancellation) => _runner.ReadAsync(
        async session =>
        {
            await session.RunAsync([new Step(ReadStatements.Ping, [[]], static _ => { })], cancellation);
            return true;
        },
        cancellation);

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(
            _loads.DisposeAsync().AsTask(), _seen.DisposeAsync().AsTask(), _attempts.DisposeAsync().AsTask(), _attemptCounts.DisposeAsync().AsTask(),
            _ledger.DisposeAsync().AsTask(), _receipts.DisposeAsync().AsTask());
        await _database.DisposeAsync();
    }

    public void Dispose()
    {
        foreach (IDisposable part in new IDisposable[] { _loads, _seen, _attempts, _attemptCounts, _ledger, _receipts, _database }) part.Dispose();
    }
}
