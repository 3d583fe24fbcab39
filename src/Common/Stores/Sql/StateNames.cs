using Parley.Common.Records;

namespace Parley.Common.Stores.Sql;

/// <summary>States as they stand in columns, where people read them and indexes name them: renaming one is a migration.</summary>
internal static class StateNames
{
    private static readonly (LedgerState State, string Name)[] Ledger =
    [
        (LedgerState.Pending, "pending"), (LedgerState.Sending, "sending"), (LedgerState.Sent, "sent"),
        (LedgerState.Failed, "failed"), (LedgerState.Unknown, "unknown"),
    ];

    private static readonly (DeliveryStatus Status, string Name)[] Delivery =
    [
        (DeliveryStatus.Pending, "pending"), (DeliveryStatus.Unknown, "unknown"), (DeliveryStatus.Accepted, "accepted"),
        (DeliveryStatus.Sent, "sent"), (DeliveryStatus.Delivered, "delivered"), (DeliveryStatus.Read, "read"), (DeliveryStatus.Failed, "failed"),
    ];

    public static string Of(AttemptState state) => state switch
    {
        AttemptState.Begun => "begun",
        AttemptState.Failed => "failed",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "is not kept"),
    };

    public static string Of(LedgerState state) => Array.Find(Ledger, x => x.State == state).Name
        ?? throw new ArgumentOutOfRangeException(nameof(state), state, "no such ledger state");

    public static string Of(DeliveryStatus status) => Array.Find(Delivery, x => x.Status == status).Name
        ?? throw new ArgumentOutOfRangeException(nameof(status), status, "no such delivery status");

    public static LedgerState ToLedger(string name)
    {
        foreach (var (state, stored) in Ledger)
        {
            if (stored == name) return state;
        }

        throw new InvalidOperationException($"column replies.state holds '{name}', which this version does not know");
    }

    public static DeliveryStatus ToDelivery(string name)
    {
        foreach (var (status, stored) in Delivery)
        {
            if (stored == name) return status;
        }

        throw new InvalidOperationException($"column replies.delivery holds '{name}', which this version does not know");
    }
}
