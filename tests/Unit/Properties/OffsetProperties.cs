using Parley.Common.Streaming;

namespace Parley.Unit.Properties;

public sealed class OffsetProperties
{
    [Fact]
    public void What_may_be_committed_is_the_first_unfinished_offset_or_one_past_the_last() => Property.ForAll(Log.Of, log =>
    {
        var watermark = new OffsetWatermark(log.Position, capacity: 2);
        var tickets = new List<long>();
        var done = new HashSet<int>();
        var last = watermark.Committable;
        Assert.Equal(log.Position, last);

        foreach (var step in log.Steps)
        {
            if (step.IsDelivery) tickets.Add(watermark.Track(step.Offset));
            else { watermark.Complete(tickets[step.Index]); done.Add(step.Index); }

            var first = Enumerable.Range(0, tickets.Count).Cast<int?>().FirstOrDefault(i => !done.Contains(i!.Value));
            var expected = first is { } unfinished ? log.Offsets[unfinished] : tickets.Count > 0 ? log.Offsets[tickets.Count - 1] + 1 : log.Position;
            Assert.Equal(expected, watermark.Committable);
            Assert.True(watermark.Committable >= last, $"went back from {last} to {watermark.Committable}");
            Assert.Equal(first is { } from ? tickets.Count - from : 0, watermark.Span);
            last = watermark.Committable;
        }
    }, cases: 10_000, draws: 80);

    [Fact]
    public void An_assignment_hands_out_each_offset_once_and_nothing_after_its_fence() => Property.ForAll(Log.Of, log =>
    {
        using var progress = new PartitionProgress(0, log.Position);
        var tickets = new List<long>();
        var done = new HashSet<int>();
        var stored = log.Position;
        var fenced = false;

        for (var i = 0; i < log.Steps.Count; i++)
        {
            if (i == log.FenceAt) { progress.Fence(); fenced = true; }

            var step = log.Steps[i];
            if (step.IsDelivery)
            {
                Assert.False(progress.IsBehind(step.Offset));
                tickets.Add(progress.Track(step.Offset));
                progress.TryEnter();
                Assert.True(progress.IsBehind(step.Offset));
            }
            else
            {
                progress.Exit(tickets[step.Index]);
                done.Add(step.Index);
            }

            if (!log.Commits[i]) continue;
            var taken = progress.TakeCommittable();
            if (fenced) Assert.Null(taken);
            if (taken is not { } offset) continue;

            Assert.True(offset > stored, $"{offset} after {stored}");
            Assert.All(Enumerable.Range(0, tickets.Count), n => Assert.True(log.Offsets[n] >= offset || done.Contains(n), $"{offset} is past {log.Offsets[n]}, which is in flight"));
            Assert.Null(progress.TakeCommittable());
            stored = offset;
        }
    }, cases: 10_000, draws: 80);

    [Fact]
    public void A_drain_ends_exactly_when_nothing_runs_and_lets_nothing_start() => Property.ForAll(d => (Runs: d.Below(6), Ends: d.Below(6), More: d.Below(4), Fence: d.Flip()), given =>
    {
        using var progress = new PartitionProgress(0, 0);
        var running = 0;
        for (; running < given.Runs; running++) Assert.True(progress.TryEnter());
        for (var ended = 0; ended < given.Ends && running > 0; ended++, running--) progress.Exit();

        var drained = progress.DrainAsync();
        if (given.Fence) progress.Fence();
        for (var i = 0; i < given.More; i++) Assert.False(progress.TryEnter());

        for (; running > 0; running--)
        {
            Assert.False(drained.IsCompleted);
            progress.Exit();
        }

        Assert.True(drained.IsCompleted);
        Assert.Equal(given.Fence, progress.Ended.IsCancellationRequested);
    }, cases: 2_000);

    /// <summary>Deliveries in order with gaps, completions in any order, some of them twice.</summary>
    private sealed record Log(long Position, IReadOnlyList<long> Offsets, IReadOnlyList<Step> Steps, IReadOnlyList<bool> Commits, int FenceAt)
    {
        public static Log Of(Draws draws)
        {
            long position = draws.Below(1000);
            var next = position;
            var offsets = new List<long>();
            var steps = new List<Step>();
            var commits = new List<bool>();
            while (draws.AreLeft)
            {
                if (offsets.Count == 0 || draws.Flip())
                {
                    next += draws.OnceIn(4) ? draws.Below(1_000_000) : 0;
                    offsets.Add(next);
                    steps.Add(new Step(true, next++, offsets.Count - 1));
                }
                else
                {
                    var index = draws.Below(offsets.Count);
                    steps.Add(new Step(false, offsets[index], index));
                }

                commits.Add(draws.Below(3) == 0);
            }

            return new Log(position, offsets, steps, commits, draws.Below(2) + steps.Count / 2);
        }

        public override string ToString() => $"from {Position}, fence before step {FenceAt}: {string.Join(' ', Steps.Select((s, i) => $"{(s.IsDelivery ? "+" : "✓")}{s.Offset}{(Commits[i] ? "!" : "")}"))}";
    }

    private sealed record Step(bool IsDelivery, long Offset, int Index);
}
