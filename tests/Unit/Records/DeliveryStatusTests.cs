using Parley.Common.Records;

namespace Parley.Unit.Records;

public sealed class DeliveryStatusTests
{
    public static TheoryData<DeliveryStatus, DeliveryStatus> Pairs()
    {
        var pairs = new TheoryData<DeliveryStatus, DeliveryStatus>();
        foreach (var a in Enum.GetValues<DeliveryStatus>()) foreach (var b in Enum.GetValues<DeliveryStatus>()) pairs.Add(a, b);
        return pairs;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Merging_is_commutative_and_idempotent(DeliveryStatus a, DeliveryStatus b)
    {
        var merged = DeliveryStatuses.Merge(a, b);
        Assert.Equal(merged, DeliveryStatuses.Merge(b, a));
        Assert.Equal(merged, DeliveryStatuses.Merge(merged, a));
        Assert.Equal(merged, DeliveryStatuses.Merge(merged, b));
    }

    [Fact]
    public void Any_order_of_receipts_ends_the_same()
    {
        foreach (var a in Enum.GetValues<DeliveryStatus>())
        foreach (var b in Enum.GetValues<DeliveryStatus>())
        foreach (var c in Enum.GetValues<DeliveryStatus>())
        {
            Assert.Equal(
                DeliveryStatuses.Merge(DeliveryStatuses.Merge(a, b), c),
                DeliveryStatuses.Merge(a, DeliveryStatuses.Merge(b, c)));
        }
    }

    [Fact]
    public void What_was_delivered_cannot_fail_any_more() =>
        Assert.Equal(DeliveryStatus.Delivered, DeliveryStatuses.Merge(DeliveryStatus.Delivered, DeliveryStatus.Failed));

    [Fact]
    public void Failure_ends_what_was_only_accepted() =>
        Assert.Equal(DeliveryStatus.Failed, DeliveryStatuses.Merge(DeliveryStatus.Sent, DeliveryStatus.Failed));
}
