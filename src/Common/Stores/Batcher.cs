namespace Parley.Common.Stores;

/// <summary>
/// Gathers single calls into groups: a call that finds the store idle goes at once, calls that come while groups run make up the next one.
/// So a quiet system has no added wait, and a busy one as few groups as its store needs.
/// </summary>
/// <remarks>
/// Groups side by side are for a quiet store, in which each would wait for the disk by itself, and for a crowd. In between they only share out the same calls: each
/// group costs a round trip, a transaction and a wake-up on both sides, whatever is in it.
/// </remarks>
internal sealed class Batcher<TItem, TResult> : IAsyncDisposable, IDisposable
{
    private readonly Func<IReadOnlyList<TItem>, Task<IReadOnlyList<TResult>>> _run;
    private readonly BatchSettings _settings;
    private readonly TimeProvider _time;

    private readonly Lock _gate = new();
    private readonly Queue<Entry> _waiting = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;

    /// <summary>Items of the groups that run.</summary>
    private int _underWay;
    private bool _stopped;

    /// <summary>With fewer items than this under way the store counts as quiet.</summary>
    private const int Few = 8;

    /// <summary>So many that wait are worth a group of their own.</summary>
    private const int Crowd = 64;

    /// <param name="run">Runs a group; the results stand in the order of the items. May be called for several groups at once.</param>
    public Batcher(BatchSettings settings, TimeProvider time, Func<IReadOnlyList<TItem>, Task<IReadOnlyList<TResult>>> run) =>
        (_settings, _time, _run) = (settings, time, run);

    /// <param name="item">What to run in a group.</param>
    /// <param name="cancellation">Ends the wait. A group that already runs is not stopped for it.</param>
    /// <param name="patient">Nobody waits for it: it begins no group beside one that runs, but goes with the next.</param>
    /// <exception cref="StoreUnavailableException">The group failed, or the batcher is stopping.</exception>
    public Task<TResult> RunAsync(TItem item, CancellationToken cancellation, bool patient = false)
    {
        if (cancellation.IsCancellationRequested) return Task.FromCanceled<TResult>(cancellation);
        Entry? entry = null;
        bool begins;
        lock (_gate)
        {
            if (_stopped) return Task.FromException<TResult>(new StoreUnavailableException("the store is shutting down"));

            // With others under way the store is busy: then a moment's wait for a thread makes for larger groups.
            if (_running > 0 || _settings.Linger > TimeSpan.Zero) _waiting.Enqueue(entry = new Entry(item, cancellation));
            begins = _running == 0 || (!patient && _running < _settings.Concurrent && MayRunBeside());
            if (begins) _running++;
            if (entry is null) _underWay++;
        }

        if (entry is null)
        {
            var alone = RunAloneAsync(item);
            return alone.IsCompleted ? alone : alone.WaitAsync(cancellation);
        }

        if (begins) StartPump();
        return entry.Done.Task.WaitAsync(cancellation);
    }

    /// <summary>Takes no more, and waits for what was taken.</summary>
    public async ValueTask DisposeAsync()
    {
        Dispose();
        await _ended.Task;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            if (_running == 0) _ended.TrySetResult();
        }
    }

    /// <summary>In the caller's own thread: the way over another one would be longer than many a group.</summary>
    private async Task<TResult> RunAloneAsync(TItem item)
    {
        try
        {
            return (await _run([item]))[0];
        }
        finally
        {
            bool goesOn;
            lock (_gate)
            {
                _underWay--;
                goesOn = MayGoOn();
                if (!goesOn) End();
            }

            if (goesOn) StartPump();
        }
    }

    private void StartPump() => ThreadPool.UnsafeQueueUserWorkItem(static batcher => _ = batcher.PumpAsync(), this, preferLocal: false);

    /// <summary>Runs groups until nothing waits.</summary>
    private async Task PumpAsync()
    {
        var group = new List<Entry>(_settings.MaxItems);
        while (Fill(group))
        {
            if (_settings.Linger > TimeSpan.Zero && group.Count < _settings.MaxItems)
            {
                await Task.Delay(_settings.Linger, _time);
                Add(group);
            }

            await RunGroupAsync(group);
        }
    }

    /// <summary>The next group in the place of the last one. False when there is nothing to run, or nothing for this pump: then it is over.</summary>
    private bool Fill(List<Entry> group)
    {
        lock (_gate)
        {
            _underWay -= group.Count;
            group.Clear();
            if (MayGoOn()) Take(group);
            if (group.Count == 0) End();
            return group.Count > 0;
        }
    }

    private void Add(List<Entry> group)
    {
        lock (_gate) Take(group);
    }

    private void Take(List<Entry> group)
    {
        while (group.Count < _settings.MaxItems && _waiting.TryDequeue(out var entry))
        {
            if (entry.Cancellation.IsCancellationRequested)
            {
                entry.Done.TrySetCanceled(entry.Cancellation);
                continue;
            }

            group.Add(entry);
            _underWay++;
        }
    }

    /// <summary>Whether the one that has just ended takes what waits, or leaves it to the next that ends.</summary>
    private bool MayGoOn() => _waiting.Count > 0 && (_running == 1 || MayRunBeside());

    private bool MayRunBeside() => _underWay < Few || _waiting.Count >= Crowd;

    private void End()
    {
        _running--;
        if (_stopped && _running == 0) _ended.TrySetResult();
    }

    private async Task RunGroupAsync(List<Entry> group)
    {
        try
        {
            var results = await _run(group.ConvertAll(e => e.Item));
            for (var i = 0; i < group.Count; i++) group[i].Done.SetResult(results[i]);
        }
        catch (Exception e) when (e is StoreUnavailableException || group.Count == 1)
        {
            foreach (var entry in group) entry.Done.SetException(e);
        }
        catch (Exception)
        {
            // Something in the group cannot be stored. Alone, each item gets its own result, and only the culprit fails.
            foreach (var entry in group) await RunGroupAsync([entry]);
        }
    }

    private sealed record Entry(TItem Item, CancellationToken Cancellation)
    {
        /// <summary>Continuations run elsewhere: a pump must not run its callers' code.</summary>
        public TaskCompletionSource<TResult> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <param name="MaxItems">Of one group.</param>
/// <param name="Concurrent">Groups that run at once.</param>
/// <param name="Linger">How long a group that is not full waits for more.</param>
internal sealed record BatchSettings(int MaxItems, int Concurrent, TimeSpan Linger = default);
