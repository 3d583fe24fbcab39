using Parley.Common.Records;

namespace Parley.Common.Stores;

/// <summary>What a receipt makes of a reply's row; the same for every backend.</summary>
internal static class LedgerRules
{
    /// <summary>The row after a receipt. Receipts in any order give the same row: the ledger's state follows from the merged delivery.</summary>
    public static StoredLedger Receive(StoredLedger row, Receipt receipt)
    {
        var raised = Raise(row, receipt.Status, receipt.Reason);
        var entry = raised.Entry with { ProviderMessageId = raised.Entry.ProviderMessageId ?? receipt.ProviderMessageId };
        if (Settled(raised.Delivery) is { } settled)
        {
            entry = entry with { State = settled, Reason = settled == LedgerState.Failed ? raised.DeliveryReason : null };
        }

        return raised with { Entry = entry };
    }

    private static StoredLedger Raise(StoredLedger row, DeliveryStatus news, string? reason)
    {
        var merged = DeliveryStatuses.Merge(row.Delivery, news);
        return row with { Delivery = merged, DeliveryReason = ReasonOf(merged, row, news, reason) };
    }

    // Two reasons for one status: the one that sorts first stays, so that the order of arrival does not matter.
    private static string? ReasonOf(DeliveryStatus merged, StoredLedger row, DeliveryStatus news, string? reason)
    {
        if (merged is not (DeliveryStatus.Failed or DeliveryStatus.Unknown)) return null;

        var known = merged == row.Delivery ? row.DeliveryReason : null;
        var told = merged == news ? reason : null;
        if (known is null || told is null) return known ?? told;
        return string.CompareOrdinal(known, told) <= 0 ? known : told;
    }

    private static LedgerState? Settled(DeliveryStatus delivery) => delivery switch
    {
        DeliveryStatus.Accepted or DeliveryStatus.Sent or DeliveryStatus.Delivered or DeliveryStatus.Read => LedgerState.Sent,
        DeliveryStatus.Failed => LedgerState.Failed,
        _ => null,
    };
}

/// <summary>A reply's row: the ledger's part and the delivery.</summary>
internal sealed record StoredLedger(LedgerEntry Entry, DeliveryStatus Delivery, string? DeliveryReason);
