using System.Text.Json;
using Parley.Common.Records;

namespace Parley.Common.Stores.Sql;

/// <summary>A row of the table replies, as <see cref="ReplyStatements"/> selects it.</summary>
internal sealed record ReplyRow(string Json, StoredLedger Ledger, bool Changed = false)
{
    public Reply Reply => ToReply(Json);

    public static ReplyRow Read(SqlRow row) => new(
        row.Json(3),
        new StoredLedger(
            new LedgerEntry
            {
                Tenant = row.Text(1),
                ReplyId = row.Text(2),
                State = StateNames.ToLedger(row.Text(4)),
                Attempt = (int)row.Long(5),
                Owner = row.TextOrNull(6),
                Deadline = row.TimeOrNull(7),
                PartsSent = (int)row.Long(8),
                ProviderMessageId = row.TextOrNull(9),
                Reason = row.TextOrNull(10),
            },
            StateNames.ToDelivery(row.Text(11)),
            row.TextOrNull(12)));

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

    public OwedReply ToOwed() => new(Reply, Ledger.Entry);

    public static Reply ToReply(string json) => JsonSerializer.Deserialize(json, StoreJson.Stored.Reply)!;
}
