using Parley.Common.Stores;
using Parley.TestKit;

namespace Parley.Integration.Stores;

public sealed class BatcherTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_comes_while_a_group_runs_makes_up_the_next_one()
    {
        var groups = new List<int>();
        var first = new TaskCompletionSource();
        var running = new TaskCompletionSource();
        await using var batcher = Make(new BatchSettings(4, 1), async items =>
        {
            groups.Add(items.Count);
            running.TrySetResult();
            await first.Task;
            return [.. items.Select(i => i * 10)];
        });

        var one = batcher.RunAsync(1, Cancellation);
        await running.Task;
        var rest = Enumerable.Range(2, 6).Select(i => batcher.RunAsync(i, Cancellation)).ToList();
        first.SetResult();

        Assert.Equal(10, await one);
        var results = await Task.WhenAll(rest);
        Assert.Equal([20, 30, 40, 50, 60, 70], results);
        Assert.Equal([1, 4, 2], groups);
    }

    [Fact]
    public async Task A_call_that_finds_the_store_idle_runs_in_its_own_thread()
    {
        var threads = new List<int>();
        await using var batcher = Make(new BatchSettings(4, 1), items =>
        {
            threads.Add(Environment.CurrentManagedThreadId);
            return Task.FromResult<IReadOnlyList<int>>([.. items]);
        });

        Assert.True(batcher.RunAsync(1, Cancellation).IsCompletedSuccessfully);
        Assert.True(batcher.RunAsync(2, Cancellation).IsCompletedSuccessfully);
        Assert.All(threads, thread => Assert.Equal(Environment.CurrentManagedThreadId, thread));
        Assert.Equal(2, threads.Count);
    }

    [Fact]
    public async Task What_waits_while_a_call_runs_alone_goes_when_it_has_ended_even_badly()
    {
        var first = new TaskCompletionSource();
        var groups = 0;
        await using var batcher = Make(new BatchSettings(4, 1), async items =>
        {
            if (groups++ == 0) await first.Task;
            return [.. items];
        });

        var alone = batcher.RunAsync(1, Cancellation);
        var next = batcher.RunAsync(2, Cancellation);
        first.SetException(new InvalidOperationException("no"));

        await Assert.ThrowsAsync<InvalidOperationException>(() => alone);
        Assert.Equal(2, await next);
    }

    [Fact]
    public async Task No_more_groups_run_at_once_than_allowed()
    {
        int running = 0, most = 0;
        var gate = new Lock();
        await using var batcher = Make(new BatchSettings(1, 3), async items =>
        {
            var now = Interlocked.Increment(ref running);
            lock (gate) most = Math.Max(most, now);
            await Task.Yield();
            Interlocked.Decrement(ref running);
            return [.. items];
        });

        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => batcher.RunAsync(i, Cancellation))));

        Assert.InRange(most, 1, 3);
    }

    [Fact]
    public async Task What_nobody_waits_for_begins_no_group_beside_another_and_goes_with_the_next()
    {
        var groups = new List<string>();
        var ends = new Queue<TaskCompletionSource>([new(), new()]);
        var (first, second) = (ends.First(), ends.Last());
        await using var batcher = Make(new BatchSettings(4, 2), async items =>
        {
            TaskCompletionSource? end;
            lock (groups)
            {
                groups.Add(string.Join(' ', items));
                ends.TryDequeue(out end);
            }

            if (end is not null) await end.Task;
            return [.. items];
        });

        var alone = batcher.RunAsync(1, Cancellation, patient: true);
        var patient = batcher.RunAsync(2, Cancellation, patient: true);
        Assert.Equal(["1"], groups);
        var urgent = batcher.RunAsync(3, Cancellation);
        await Eventually.True(() => groups.Count == 2, Cancellation);
        second.SetResult();

        Assert.Equal(2, await patient);
        Assert.Equal(3, await urgent);
        Assert.False(alone.IsCompleted);
        Assert.Equal(["1", "2 3"], groups);
        first.SetResult();
        await alone;
    }

    [Theory]
    [InlineData(7, 1, true)] // few under way
    [InlineData(8, 1, false)]
    [InlineData(8, 63, false)]
    [InlineData(8, 64, true)] // a crowd waits
    public async Task A_group_runs_beside_another_where_few_are_under_way_or_a_crowd_waits(int underWay, int waiting, bool begins)
    {
        var groups = new List<int>();
        var ends = new[] { new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource() };
        await using var batcher = Make(new BatchSettings(100, 2), async items =>
        {
            TaskCompletionSource end;
            lock (groups)
            {
                end = ends[Math.Min(groups.Count, 2)];
                groups.Add(items.Count);
            }

            await end.Task;
            return [.. items];
        });

        // The first runs alone, the others make up the group that is under way when it has ended.
        List<Task<int>> all = [batcher.RunAsync(0, Cancellation)];
        for (var i = 0; i < underWay; i++) all.Add(batcher.RunAsync(i, Cancellation, patient: true));
        ends[0].SetResult();
        await Eventually.True(() => groups.Count == 2, Cancellation);
        for (var i = 0; i < waiting; i++) all.Add(batcher.RunAsync(i, Cancellation));
        if (begins) await Eventually.True(() => groups.Count > 2, Cancellation);
        Assert.Equal(begins ? 3 : 2, groups.Count);

        ends[1].SetResult();
        ends[2].SetResult();
        await Task.WhenAll(all);
        Assert.Equal([1, underWay], groups.Take(2));
    }

    [Fact]
    public async Task An_unavailable_store_fails_the_whole_group_and_the_next_group_is_tried()
    {
        var calls = 0;
        await using var batcher = Make(new BatchSettings(10, 1), async items =>
        {
            await Task.Yield();
            return Interlocked.Increment(ref calls) == 1 ? throw new StoreUnavailableException("cut") { OutcomeUnknown = true } : [.. items];
        });

        var failed = await Assert.ThrowsAsync<StoreUnavailableException>(() => batcher.RunAsync(1, Cancellation));

        Assert.True(failed.OutcomeUnknown);
        Assert.Equal(2, await batcher.RunAsync(2, Cancellation));
    }

    [Fact]
    public async Task What_cannot_be_stored_fails_alone()
    {
        var gate = new TaskCompletionSource();
        await using var batcher = Make(new BatchSettings(10, 1), async items =>
        {
            await gate.Task;
            return items.Contains(3) ? throw new InvalidDataException("three") : [.. items];
        });

        var tasks = Enumerable.Range(1, 5).Select(i => batcher.RunAsync(i, Cancellation)).ToList();
        gate.SetResult();

        await Assert.ThrowsAsync<InvalidDataException>(() => tasks[2]);
        foreach (var i in new[] { 1, 2, 4, 5 }) Assert.Equal(i, await tasks[i - 1]);
    }

    [Fact]
    public async Task Who_gives_up_before_the_group_runs_is_not_in_it()
    {
        var seen = new List<int>();
        var gate = new TaskCompletionSource();
        var running = new TaskCompletionSource();
        await using var batcher = Make(new BatchSettings(10, 1), async items =>
        {
            seen.AddRange(items);
            running.TrySetResult();
            await gate.Task;
            return [.. items];
        });
        using var impatient = new CancellationTokenSource();

        var one = batcher.RunAsync(1, Cancellation);
        await running.Task;
        var two = batcher.RunAsync(2, impatient.Token);
        var three = batcher.RunAsync(3, Cancellation);
        await impatient.CancelAsync();
        gate.SetResult();
        await Task.WhenAll(one, three);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => two);
        Assert.Equal([1, 3], seen);
    }

    [Fact]
    public async Task Who_gives_up_while_the_group_runs_stops_waiting_and_the_others_get_their_results()
    {
        var gate = new TaskCompletionSource();
        var running = new TaskCompletionSource();
        await using var batcher = Make(new BatchSettings(10, 1), async items =>
        {
            running.TrySetResult();
            await gate.Task;
            return [.. items];
        });
        using var impatient = new CancellationTokenSource();

        var gone = batcher.RunAsync(1, impatient.Token);
        await running.Task;
        await impatient.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        gate.SetResult();
        Assert.Equal(2, await batcher.RunAsync(2, Cancellation));
    }

    [Fact]
    public async Task Stopping_finishes_what_was_taken_and_takes_no_more()
    {
        var gate = new TaskCompletionSource();
        var batcher = Make(new BatchSettings(2, 1), async items =>
        {
            await gate.Task;
            return [.. items];
        });
        var taken = Enumerable.Range(0, 7).Select(i => batcher.RunAsync(i, Cancellation)).ToList();

        var stopping = batcher.DisposeAsync();
        var refused = await Assert.ThrowsAsync<StoreUnavailableException>(() => batcher.RunAsync(9, Cancellation));
        gate.SetResult();
        await stopping;

        Assert.False(refused.OutcomeUnknown);
        Assert.Equal(Enumerable.Range(0, 7), await Task.WhenAll(taken));
    }

    [Fact]
    public async Task A_linger_gathers_what_comes_within_it()
    {
        var time = new TestKit.ManualTime();
        var groups = new List<int>();
        await using var batcher = new Batcher<int, int>(new BatchSettings(10, 1, TimeSpan.FromMilliseconds(5)), time, items =>
        {
            groups.Add(items.Count);
            return Task.FromResult<IReadOnlyList<int>>([.. items]);
        });

        var tasks = Enumerable.Range(0, 3).Select(i => batcher.RunAsync(i, Cancellation)).ToList();
        await TestKit.Eventually.True(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(5));
            return tasks.TrueForAll(t => t.IsCompleted);
        }, Cancellation);

        Assert.Equal([3], groups);
    }

    private static Batcher<int, int> Make(BatchSettings settings, Func<IReadOnlyList<int>, Task<IReadOnlyList<int>>> run) => new(settings, TimeProvider.System, run);
}
