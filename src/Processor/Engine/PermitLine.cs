namespace Parley.Processor.Engine;

/// <summary>The permits of one engine, and who waits for one.</summary>
/// <remarks>
/// <para>Every other permit goes to the one who has waited longest; those between go to the busiest conversation's, as in the scheduler
/// (<see cref="Common.Streaming.LaneRun.Level"/>): it runs one turn after the other, and each wait here would make all of it longer. So nobody sees more
/// than twice the permits given out that there were others before it, but for those that come at the very moment a permit does.</para>
/// <para>The lock is for those who wait, and for who gives one of them a permit. Where permits are free nobody takes it: held by a thread that the system has
/// just stopped, it would stop all others.</para>
/// </remarks>
internal sealed class PermitLine(int permits)
{
    /// <summary>Levels of -1, not busy, to 7 and more.</summary>
    private const int Levels = 9;

    [ThreadStatic]
    private static bool _isHandingOver;

    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter>[] _lines = [.. Enumerable.Range(0, Levels).Select(_ => new LinkedList<Waiter>())];
    private int _free = permits;
    private int _waiting;
    private long _came;
    private bool _busyIsNext;

    /// <summary>Completes when the caller has a permit.</summary>
    /// <param name="level">How busy the caller's conversation is; -1 for not.</param>
    /// <param name="cancellation">Leaves the line.</param>
    public Task WaitAsync(int level, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested) return Task.FromCanceled(cancellation);
        if (Volatile.Read(ref _waiting) == 0 && TryTake()) return Task.CompletedTask;

        Waiter waiter;
        lock (_gate)
        {
            // Counted before the look at the permits, as Release counts a permit before its look at who waits: one of the two sees the other.
            if (Interlocked.Increment(ref _waiting) == 1 && TryTake())
            {
                Interlocked.Decrement(ref _waiting);
                return Task.CompletedTask;
            }

            waiter = new Waiter(_lines[Math.Clamp(level + 1, 0, Levels - 1)], _came++);
        }

        return cancellation.CanBeCanceled ? WaitAsync(waiter, cancellation) : waiter.Task;
    }

    /// <summary>Gives a permit back. The next in line goes on in this thread until it has called its engine: the permit is idle till then.</summary>
    public void Release()
    {
        Interlocked.Increment(ref _free);
        if (Volatile.Read(ref _waiting) == 0) return;

        Waiter? next = null;
        lock (_gate)
        {
            if (Volatile.Read(ref _waiting) > 0 && TryTake()) Leave(next = Next());
        }

        if (next is not null) HandOver(next);
    }

    private bool TryTake()
    {
        for (var free = Volatile.Read(ref _free); free > 0;)
        {
            var found = Interlocked.CompareExchange(ref _free, free - 1, free);
            if (found == free) return true;
            free = found;
        }

        return false;
    }

    private async Task WaitAsync(Waiter waiter, CancellationToken cancellation)
    {
        using var leaving = cancellation.UnsafeRegister(static (state, token) =>
        {
            var (line, waiter) = ((PermitLine, Waiter))state!;
            line.GiveUp(waiter, token);
        }, (this, waiter));
        await waiter.Task;
    }

    /// <summary>Runs nothing of the caller's in this thread: whoever ends the wait in the other way waits for this to be over.</summary>
    private void GiveUp(Waiter waiter, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (waiter.IsGone) return;
            Leave(waiter);
        }

        ThreadPool.UnsafeQueueUserWorkItem(static gone => gone.Waiter.SetCanceled(gone.Token), (Waiter: waiter, Token: cancellation), preferLocal: false);
    }

    /// <summary>There must be one.</summary>
    private Waiter Next()
    {
        var next = (Waiter?)null;
        foreach (var line in _lines)
        {
            if (line.First?.Value is { } first && (next is null || _busyIsNext || first.Number < next.Number)) next = first;
        }

        _busyIsNext = !_busyIsNext;
        return next!;
    }

    private void Leave(Waiter waiter)
    {
        waiter.Leave();
        Interlocked.Decrement(ref _waiting);
    }

    /// <summary>In this thread, but not one inside the other: engines that answer at once would nest without end.</summary>
    private static void HandOver(Waiter next)
    {
        if (_isHandingOver)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static waiter => waiter.SetResult(), next, preferLocal: false);
            return;
        }

        _isHandingOver = true;
        try
        {
            next.SetResult();
        }
        finally
        {
            _isHandingOver = false;
        }
    }

    private sealed class Waiter : TaskCompletionSource
    {
        private LinkedListNode<Waiter>? _place;

        public Waiter(LinkedList<Waiter> line, long number) => (_place, Number) = (line.AddLast(this), number);

        /// <summary>In the order of coming.</summary>
        public long Number { get; }

        /// <summary>Whether it has left the line.</summary>
        public bool IsGone => _place is null;

        public void Leave()
        {
            _place!.List!.Remove(_place);
            _place = null;
        }
    }
}
