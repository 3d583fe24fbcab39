using Parley.Common.Records;
using Parley.Common.Stores;

namespace Parley.Unit.Properties;

public sealed class ReceiptProperties
{
    private static readonly DateTimeOffset Time = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Receipts_in_any_order_and_any_number_give_the_same_row() => Property.ForAll(Story.Of, story =>
    {
        var row = story.Receipts.Aggregate(story.Row, LedgerRules.Receive);

        Assert.Equal(row, story.Mixed.Aggregate(story.Row, LedgerRules.Receive));
        Assert.Equal(row, story.Mixed.Concat(story.Receipts).Aggregate(story.Row, LedgerRules.Receive));
    }, cases: 10_000);

    [Fact]
    public void A_receipt_only_moves_a_reply_forward_and_twice_is_once() => Property.ForAll(Story.Of, story =>
    {
        var row = story.Row;
        foreach (var receipt in story.Mixed)
        {
            var next = LedgerRules.Receive(row, receipt);
            Assert.Equal(next, LedgerRules.Receive(next, receipt));
            Assert.Equal(next.Delivery, DeliveryStatuses.Merge(row.Delivery, next.Delivery));
            if (row.Delivery is DeliveryStatus.Delivered or DeliveryStatus.Read) Assert.Equal(LedgerState.Sent, next.Entry.State);
            if (row.Entry.State is LedgerState.Sent or LedgerState.Failed) Assert.True(next.Entry.State is LedgerState.Sent or LedgerState.Failed, $"{next.Entry.State} again");
            row = next;
        }
    }, cases: 10_000);

    [Fact]
    public void Merging_two_statuses_is_commutative_associative_and_idempotent()
    {
        var all = Enum.GetValues<DeliveryStatus>();
        foreach (var a in all)
        foreach (var b in all)
        foreach (var c in all)
        {
            Assert.Equal(DeliveryStatuses.Merge(a, b), DeliveryStatuses.Merge(b, a));
            Assert.Equal(DeliveryStatuses.Merge(a, DeliveryStatuses.Merge(b, c)), DeliveryStatuses.Merge(DeliveryStatuses.Merge(a, b), c));
            Assert.Equal(a, DeliveryStatuses.Merge(a, a));
        }
    }

    /// <summary>Receipts of one reply, and the same ones in another order, some of them twice. A reply has one id at the channel.</summary>
    private sealed record Story(StoredLedger Row, IReadOnlyList<Receipt> Receipts, IReadOnlyList<Receipt> Mixed)
    {
        public static Story Of(Draws d)
        {
            var entry = new LedgerEntry { Tenant = "demo", ReplyId = "r_1", State = d.Of(LedgerState.Pending, LedgerState.Sending, LedgerState.Unknown), Attempt = d.Below(3), Reason = d.Flip() ? "in doubt" : null };
            var receipts = Enumerable.Range(0, d.Below(7)).Select(_ => Receipt(d)).ToList();
            var mixed = receipts.ToList();
            for (var n = receipts.Count > 0 ? d.Below(4) : 0; n > 0; n--) mixed.Add(receipts[d.Below(receipts.Count)]);
            for (var i = mixed.Count - 1; i > 0; i--)
            {
                var other = d.Below(i + 1);
                (mixed[i], mixed[other]) = (mixed[other], mixed[i]);
            }

            return new Story(new StoredLedger(entry, DeliveryStatus.Pending, null), receipts, mixed);
        }

        public override string ToString() => $"{Row.Entry.State}, {Show(Receipts)} or {Show(Mixed)}";

        private static string Show(IEnumerable<Receipt> receipts) => string.Join(' ', receipts.Select(r => $"{r.Status}({r.Reason},{r.ProviderMessageId})"));

        private static Receipt Receipt(Draws d) => new()
        {
            Tenant = "demo",
            ConversationId = "c",
            Channel = "whatsapp",
            Account = "a",
            ReplyId = "r_1",
            ProviderMessageId = d.Flip() ? "wamid.1" : null,
            Status = d.Of(Enum.GetValues<DeliveryStatus>()),
            Reason = d.Flip() ? d.Of("b", "a", "c") : null,
            At = Time,
        };
    }
}
