using Parley.Common.Streaming;

namespace Parley.Unit.Streaming;

public sealed class PartitionProgressTests
{
    [Fact]
    public void Offers_an_offset_only_when_it_has_moved()
    {
        using var progress = new PartitionProgress(0, 100);
        Assert.Null(progress.TakeCommittable());

        var ticket = progress.Track(100);
        Assert.True(progress.TryEnter());
        progress.Exit(ticket);
        Assert.Equal(101, progress.TakeCommittable());
        Assert.Null(progress.TakeCommittable());
    }

    [Fact]
    public void A_completion_after_the_end_of_the_assignment_moves_nothing()
    {
        using var progress = new PartitionProgress(0, 0);
        var ticket = progress.Track(0);
        Assert.True(progress.TryEnter());
        progress.Fence();
        progress.Exit(ticket);

        Assert.Null(progress.TakeCommittable());
        Assert.True(progress.Ended.IsCancellationRequested);
    }

    [Fact]
    public void Draining_lets_running_work_finish_and_starts_nothing_new()
    {
        using var progress = new PartitionProgress(0, 0);
        var ticket = progress.Track(0);
        Assert.True(progress.TryEnter());

        var drained = progress.DrainAsync();
        Assert.False(progress.TryEnter());
        Assert.False(drained.IsCompleted);

        progress.Exit(ticket);
        Assert.True(drained.IsCompletedSuccessfully);
        Assert.Equal(1, progress.TakeCommittable());
    }

    [Fact]
    public void Draining_what_is_idle_is_done_at_once()
    {
        using var progress = new PartitionProgress(0, 0);
        Assert.True(progress.DrainAsync().IsCompleted);
    }

    [Fact]
    public void Knows_an_offset_that_was_delivered_before()
    {
        using var progress = new PartitionProgress(0, -1);
        Assert.False(progress.IsBehind(0));
        progress.Track(7);
        Assert.True(progress.IsBehind(7));
        Assert.False(progress.IsBehind(8));
    }
}
