using Parley.Processor.Engine;

namespace Parley.Unit.Processor;

public sealed class PermitLineTests
{
    private const int NotBusy = -1;

    private readonly CancellationToken _never = CancellationToken.None;

    [Fact]
    public void A_free_permit_is_taken_at_once()
    {
        var line = new PermitLine(2);
        Assert.True(line.WaitAsync(NotBusy, _never).IsCompletedSuccessfully);
        Assert.True(line.WaitAsync(NotBusy, _never).IsCompletedSuccessfully);
        Assert.False(line.WaitAsync(NotBusy, _never).IsCompleted);
    }

    [Fact]
    public void A_permit_that_comes_free_with_nobody_waiting_is_there_for_the_next()
    {
        var line = Full();
        line.Release();
        Assert.True(line.WaitAsync(NotBusy, _never).IsCompletedSuccessfully);
        Assert.False(line.WaitAsync(NotBusy, _never).IsCompleted);
    }

    [Fact]
    public void Every_other_permit_goes_to_the_busiest_and_the_others_to_who_waits_longest()
    {
        var line = Full();
        var order = new List<string>();
        foreach (var (name, level) in new[] { ("a", NotBusy), ("b", NotBusy), ("warm", 1), ("hot", 5), ("hot too", 5) }) Queue(line, name, level, order);

        for (var i = 0; i < 5; i++) line.Release();

        Assert.Equal(["a", "hot", "b", "hot too", "warm"], order);
    }

    [Fact]
    public void Who_waits_is_passed_by_no_more_than_came_before_it_and_as_many_busy_ones()
    {
        var line = Full();
        var order = new List<string>();
        for (var i = 0; i < 6; i++) Queue(line, $"before {i}", NotBusy, order);
        Queue(line, "quiet", NotBusy, order);
        for (var i = 0; i < 30; i++)
        {
            Queue(line, $"hot {i}", 5, order);
            line.Release();
        }

        Assert.InRange(order.IndexOf("quiet"), 0, 2 * 6);
    }

    [Fact]
    public void Nobody_waits_longer_than_in_its_turn_where_nobody_is_busy()
    {
        var line = Full();
        var order = new List<string>();
        for (var i = 0; i < 9; i++) Queue(line, $"{i}", NotBusy, order);
        for (var i = 0; i < 9; i++) line.Release();
        Assert.Equal(Enumerable.Range(0, 9).Select(i => $"{i}"), order);
    }

    [Fact]
    public async Task Who_gives_up_leaves_the_line_and_takes_no_permit_along()
    {
        var line = Full();
        using var ending = new CancellationTokenSource();
        var gone = line.WaitAsync(NotBusy, ending.Token);
        var next = line.WaitAsync(NotBusy, _never);
        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);

        line.Release();
        Assert.True(next.IsCompletedSuccessfully);
        line.Release();
        Assert.True(line.WaitAsync(NotBusy, _never).IsCompletedSuccessfully);
    }

    [Fact]
    public void Who_comes_with_a_cancelled_call_takes_no_permit()
    {
        var line = new PermitLine(1);
        Assert.True(line.WaitAsync(NotBusy, new CancellationToken(canceled: true)).IsCanceled);
        Assert.True(line.WaitAsync(NotBusy, _never).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task The_next_goes_on_in_the_thread_that_gives_the_permit_back()
    {
        var line = Full();
        var thread = 0;
        var waiting = TakeAsync();
        line.Release();
        Assert.Equal(Environment.CurrentManagedThreadId, thread);
        await waiting;

        async Task TakeAsync()
        {
            await line.WaitAsync(NotBusy, _never);
            thread = Environment.CurrentManagedThreadId;
        }
    }

    [Fact]
    public async Task Calls_that_end_at_once_do_not_nest()
    {
        var line = Full();
        var calls = Enumerable.Range(0, 20_000).Select(_ => CallAsync()).ToArray();
        line.Release();
        await Task.WhenAll(calls);

        async Task CallAsync()
        {
            await line.WaitAsync(NotBusy, _never);
            line.Release();
        }
    }

    [Fact]
    public async Task No_permit_is_lost_or_given_twice_whatever_comes_and_goes()
    {
        const int permits = 3;
        var line = new PermitLine(permits);
        var inside = 0;
        await Task.WhenAll(Enumerable.Range(1, 4).Select(seed => Task.Run(() => Task.WhenAll(Enumerable.Range(0, 200).Select(i => CallAsync(new Random((seed * 1000) + i)))), _never)));

        for (var i = 0; i < permits; i++) Assert.True(line.WaitAsync(NotBusy, _never).IsCompletedSuccessfully);
        Assert.False(line.WaitAsync(NotBusy, _never).IsCompleted);

        async Task CallAsync(Random random)
        {
            using var ending = new CancellationTokenSource();
            var wait = line.WaitAsync(random.Next(-1, 4), ending.Token);
            if (random.Next(3) == 0) await ending.CancelAsync();
            try
            {
                await wait;
            }
            catch (OperationCanceledException)
            {
                return;
            }

            Assert.InRange(Interlocked.Increment(ref inside), 1, permits);
            if (random.Next(2) == 0) await Task.Yield();
            Interlocked.Decrement(ref inside);
            line.Release();
        }
    }

    /// <summary>A line whose only permit is taken.</summary>
    private static PermitLine Full()
    {
        var line = new PermitLine(1);
        Assert.True(line.WaitAsync(NotBusy, CancellationToken.None).IsCompletedSuccessfully);
        return line;
    }

    private static void Queue(PermitLine line, string name, int level, List<string> order) => _ = TakeAsync(line, name, level, order);

    private static async Task TakeAsync(PermitLine line, string name, int level, List<string> order)
    {
        await line.WaitAsync(level, CancellationToken.None);
        order.Add(name);
    }
}
