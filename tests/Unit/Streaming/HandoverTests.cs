using Parley.Common.Streaming;

namespace Parley.Unit.Streaming;

public sealed class HandoverTests
{
    private static readonly DateTimeOffset Assigned = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(100, -1, true)]
    [InlineData(101, 1, false)]
    [InlineData(109, -3600, true)]
    [InlineData(110, -1, false)]
    public void What_was_written_before_the_assignment_and_lies_within_an_owners_reach_may_have_run(long offset, int secondsAfter, bool expected)
    {
        var handover = new Handover(Assigned, span: 10);
        Assert.True(handover.MayHaveRun(100, Assigned.AddSeconds(-5)));
        Assert.Equal(expected, handover.MayHaveRun(offset, Assigned.AddSeconds(secondsAfter)));
    }

    [Fact]
    public void A_record_without_a_time_may_have_run() => Assert.True(new Handover(Assigned, 10).MayHaveRun(0, null));
}
