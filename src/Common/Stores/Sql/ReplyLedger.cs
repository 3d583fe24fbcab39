using Parley.Common.Records;

namespace Parley.Common.Stores.Sql;

/// <summary>
/// Ledger writes and receipts, many in one transaction. A receipt that says what the row says already, as nearly all do, only looks at it; the others lock the
/// rows, decide by <see cref="LedgerRules"/>, and save what changed.
/// </summary>
internal sealed class ReplyLedger(SqlRunner runner, TimeProvider time)
{
    /// <summary>Each is one conditional update; those of one reply come after each other.</summary>
    public async Task<IReadOnlyList<bool>> WriteAsync(IReadOnlyList<LedgerWrite> writes)
    {
        var written = new bool[writes.Count];
        foreach (var wave in Waves.Split(writes, static w => Enumerable.Repeat((w.Expected.Tenant, w.Expected.ReplyId), 1)))
        {
            var now = time.GetUtcNow();
            var index = wave.ToDictionary(i => (writes[i].Expected.Tenant, writes[i].Expected.ReplyId));
            var found = await runner.WriteAtOnceAsync<(string, string)>(
                ReplyStatements.Write, [.. wave.Select(i => ReplyRow.ToWrite(writes[i], now))], static row => (row.Text(0), row.Text(1)));
            foreach (var key in found) written[index[key]] = true;
        }

        return written;
    }

    public async Task<IReadOnlyList<ReceiptOutcome?>> ApplyAsync(IReadOnlyList<Receipt> receipts)
    {
        var outcomes = new ReceiptOutcome?[receipts.Count];
        await LookAsync(receipts, outcomes);

        // Also those that are about no reply of ours, and so without an outcome in the end.
        var others = Enumerable.Range(0, receipts.Count).Where(i => outcomes[i] is null).ToList();
        if (others.Count == 0) return outcomes;

        var decided = await DecideAsync([.. others.Select(i => receipts[i])]);
        for (var i = 0; i < others.Count; i++) outcomes[others[i]] = decided[i];
        return outcomes;
    }

    /// <summary>
    /// Fills in the outcomes of acceptances that change nothing: the ledger's write has moved the delivery. Without a lock, as rows only move forward: what says
    /// nothing new now never will. The channel's own statuses nearly always say something new, and are not looked at twice.
    /// </summary>
    private async Task LookAsync(IReadOnlyList<Receipt> receipts, ReceiptOutcome?[] outcomes)
    {
        var asked = receipts.Index().Where(x => x.Item is { Status: DeliveryStatus.Accepted, ReplyId: not null }).ToList();
        if (asked.Count == 0) return;

        await runner.ReadAsync(
            async session =>
            {
                var step = new Step(
                    ReplyStatements.Find,
                    [.. asked.Select(x => new object?[] { (long)x.Index, x.Item.Tenant, x.Item.ReplyId })],
                    row => outcomes[row.Long(0)] = Repeated(ReplyRow.Read(row).Ledger, receipts[(int)row.Long(0)]));
                await session.RunAsync([step], CancellationToken.None);
                return true;
            },
            CancellationToken.None);
    }

    /// <summary>Null when the receipt changes the row.</summary>
    private static ReceiptOutcome? Repeated(StoredLedger row, Receipt receipt) =>
        LedgerRules.Receive(row, receipt) == row ? new ReceiptOutcome(row.Entry.ReplyId, row.Delivery, Changed: false) : null;

    private Task<IReadOnlyList<ReceiptOutcome?>> DecideAsync(IReadOnlyList<Receipt> receipts) => runner.WriteAsync<IReadOnlyList<ReceiptOutcome?>>(
        async transaction =>
        {
            var rows = await LockAsync(transaction, receipts.Where(r => r.ReplyId is not null).Select(r => (r.Tenant, r.ReplyId!)));
            var byProvider = await LockByProviderAsync(transaction, receipts, rows);
            var outcomes = new ReceiptOutcome?[receipts.Count];
            for (var i = 0; i < receipts.Count; i++)
            {
                var receipt = receipts[i];
                (string Tenant, string ReplyId) key = receipt.ReplyId is { } id && rows.ContainsKey((receipt.Tenant, id)) ? (receipt.Tenant, id) : byProvider.GetValueOrDefault(i);
                if (key == default) continue;

                var row = rows[key];
                var next = LedgerRules.Receive(row.Ledger, receipt);
                rows[key] = row with { Ledger = next, Changed = row.Changed || next != row.Ledger };
                outcomes[i] = new ReceiptOutcome(key.ReplyId, next.Delivery, next.Delivery != row.Ledger.Delivery);
            }

            await SaveAsync(transaction, rows.Values);
            return outcomes;
        },
        CancellationToken.None);

    private static async Task<Dictionary<(string Tenant, string ReplyId), ReplyRow>> LockAsync(
        ISqlTransaction transaction, IEnumerable<(string Tenant, string ReplyId)> keys)
    {
        var rows = new Dictionary<(string, string), ReplyRow>();
        var inOrder = keys.Distinct().OrderBy(k => k.ReplyId, StringComparer.Ordinal).ThenBy(k => k.Tenant, StringComparer.Ordinal);
        var step = new Step(
            ReplyStatements.Lock,
            [.. inOrder.Select((k, i) => new object?[] { (long)i, k.Tenant, k.ReplyId })],
            row => Keep(rows, ReplyRow.Read(row)));
        await transaction.RunAsync([step], CancellationToken.None);
        return rows;
    }

    /// <summary>For receipts without a known reply id: the key of the newest reply that the channel knows by that id.</summary>
    private static async Task<Dictionary<int, (string Tenant, string ReplyId)>> LockByProviderAsync(
        ISqlTransaction transaction, IReadOnlyList<Receipt> receipts, Dictionary<(string Tenant, string ReplyId), ReplyRow> rows)
    {
        var found = new Dictionary<int, (string, string)>();
        var asked = receipts.Index()
            .Where(x => x.Item.ProviderMessageId is not null && (x.Item.ReplyId is null || !rows.ContainsKey((x.Item.Tenant, x.Item.ReplyId))))
            .OrderBy(x => x.Item.ProviderMessageId, StringComparer.Ordinal).ToList();
        var steps = asked.Select(x => new Step(
            ReplyStatements.LockByProvider,
            [[x.Item.ProviderMessageId, x.Item.Account, x.Item.Channel, x.Item.Tenant]],
            row => found[x.Index] = Keep(rows, ReplyRow.Read(row))));
        await transaction.RunAsync([.. steps], CancellationToken.None);
        return found;
    }

    private static (string Tenant, string ReplyId) Keep(Dictionary<(string, string), ReplyRow> rows, ReplyRow row)
    {
        var key = (row.Ledger.Entry.Tenant, row.Ledger.Entry.ReplyId);
        rows[key] = row;
        return key;
    }

    private Task SaveAsync(ISqlTransaction transaction, IEnumerable<ReplyRow> rows)
    {
        var now = time.GetUtcNow();
        return transaction.RunAsync(
            [new Step(ReplyStatements.Save, [.. rows.Where(r => r.Changed).Select(r => ReplyRow.ToSave(r.Ledger, now))])], CancellationToken.None);
    }
}

/// <summary>One conditional update of a reply's row.</summary>
/// <param name="Epoch">The conversation must not be beyond it; null when that does not matter.</param>
internal sealed record LedgerWrite(LedgerEntry Expected, LedgerEntry Next, int? Epoch = null);
