using Parley.Processor.Receipts;
using Parley.TestKit;

namespace Parley.Unit.Processor;

public sealed class RecentDeliveriesTests
{
    private readonly ManualTime _time = new();
    private readonly object _assignment = new();
    private readonly RecentDeliveries _recent;

    public RecentDeliveriesTests() => _recent = new RecentDeliveries(_time);

    [Fact]
    public void Of_a_partition_that_nobody_owned_before_every_reply_is_new_until_it_has_moved()
    {
        Assert.True(IsNew("r_1", hadOwner: false));

        _recent.Moved(_assignment, "demo", "r_1");

        Assert.False(IsNew("r_1", hadOwner: false));
        Assert.True(IsNew("r_2", hadOwner: false));
        Assert.True(_recent.IsNew(_assignment, false, "other", "r_1", _time.GetUtcNow()));
    }

    [Fact]
    public void After_an_earlier_owner_nothing_is_new_before_it_was_watched_long_enough()
    {
        Assert.False(IsNew("r_1", hadOwner: true));
        _time.Advance(RecentDeliveries.Span - TimeSpan.FromTicks(1));
        Assert.False(IsNew("r_1", hadOwner: true));

        _time.Advance(TimeSpan.FromTicks(1));

        Assert.True(IsNew("r_1", hadOwner: true));
    }

    [Fact]
    public void A_partition_that_comes_back_is_watched_anew()
    {
        IsNew("r_1", hadOwner: true);
        _time.Advance(RecentDeliveries.Span);

        Assert.False(_recent.IsNew(new object(), hadOwner: true, "demo", "r_1", _time.GetUtcNow()));
    }

    [Fact]
    public void What_has_moved_is_remembered_for_the_span_whenever_it_moved()
    {
        for (var i = 0; i < 100; i++)
        {
            _recent.Moved(_assignment, "demo", $"r_{i}");
            _time.Advance(RecentDeliveries.Span / 7);
            for (var j = Math.Max(0, i - 6); j <= i; j++) Assert.False(IsNew($"r_{j}", hadOwner: false), $"r_{j} at {i}");
        }

        Assert.True(IsNew("r_0", hadOwner: false));
    }

    [Fact]
    public void An_acceptance_that_waited_long_is_not_new_as_what_came_before_it_may_be_forgotten()
    {
        var at = _time.GetUtcNow();
        _time.Advance(RecentDeliveries.Fresh);
        Assert.True(_recent.IsNew(_assignment, false, "demo", "r_1", at));

        _time.Advance(TimeSpan.FromTicks(1));

        Assert.False(_recent.IsNew(_assignment, false, "demo", "r_1", at));
    }

    private bool IsNew(string reply, bool hadOwner) => _recent.IsNew(_assignment, hadOwner, "demo", reply, _time.GetUtcNow());
}
