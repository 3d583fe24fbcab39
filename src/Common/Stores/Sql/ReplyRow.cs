using System.Text.Json;
using Parley.Common.Records;

namespace Parley.Common.Stores.Sql;

/// <summary>A row of the table replies, as <see cref="ReplyStatements"/> selects it.</summary>
internal sealed record ReplyRow(StoredLedger Ledger, bool Changed = false)
{
    public static ReplyRow Read(SqlRow row) => new(
        new StoredLedger(
            new LedgerEntry
            {
                Tenant = row.Text(1),
                ReplyId = row.Text(2),
                State = StateNames.ToLedger(row.Text(3)),
                Attempt = (int)row.Long(4),
                Owner = row.TextOrNull(5),
                Deadline = row.TimeOrNull(6),
                PartsSent = (int)row.Long(7),
                ProviderMessageId = row.TextOrNull(8),
                Reason = row.TextOrNull(9),
            },
            StateNames.ToDelivery(row.Text(10)),
            row.TextOrNull(11)));

    /// <summary>The row of <see cref="ReplyStatements.Save"/>.</summary>
    public static object?[] ToSave(StoredLedger ledger, DateTimeOffset now) =>
    [
        ledger.Entry.Tenant, ledger.Entry.ReplyId, StateNames.Of(ledger.Entry.State), (long)ledger.Entry.Attempt, ledger.Entry.Owner,
        ledger.Entry.Deadline, (long)ledger.Entry.PartsSent, ledger.Entry.ProviderMessageId, ledger.Entry.Reason, StateNames.Of(ledger.Delivery),
        ledger.DeliveryReason, now,
    ];

    /// <summary>The row of <see cref="ReplyStatements.Write"/>.</summary>
    public static object?[] ToWrite(LedgerWrite write, DateTimeOffset now)
    {
        var (expected, next, epoch) = write;
        return
        [
            expected.Tenant, expected.ReplyId, StateNames.Of(expected.State), (long)expected.Attempt, expected.Owner, epoch ?? long.MaxValue,
            StateNames.Of(next.State), (long)next.Attempt, next.Owner, next.Deadline, (long)next.PartsSent, next.ProviderMessageId, next.Reason, now,
        ];
    }

    /// <summary>A row of <see cref="ReplyStatements.FindOwed"/>.</summary>
    public static OwedReply ReadOwed(SqlRow row) => new(ToReply(row.Json(12)), Read(row).Ledger.Entry);

    public static Reply ToReply(string json) => JsonSerializer.Deserialize(json, StoreJson.Stored.Reply)!;
}
