using System.Threading.Channels;

namespace Parley.Common.Stores;

/// <summary>
/// Gathers single calls into groups: a call that finds the runner idle goes at once, calls that come while a group runs make up the next one.
/// So a quiet system has no added wait, and a busy one as few groups as its store needs.
/// </summary>
internal sealed class Batcher<TItem, TResult> : IAsyncDisposable, IDisposable
{
    /// <summary>Bounded: callers beyond it wait to get in.</summary>
    private readonly Channel<Entry> _waiting;
    private readonly Func<IReadOnlyList<TItem>, Task<IReadOnlyList<TResult>>> _run;
    private readonly BatchSettings _settings;
    private readonly TimeProvider _time;
    private readonly Task[] _pumps;

    /// <param name="run">Runs a group; the results stand in the order of the items. May be called from several pumps at once.</param>
    public Batcher(BatchSettings settings, TimeProvider time, Func<IReadOnlyList<TItem>, Task<IReadOnlyList<TResult>>> run)
    {
        (_settings, _time, _run) = (settings, time, run);
        _waiting = Channel.CreateBounded<Entry>(4 * settings.MaxItems * settings.Concurrent);
        _pumps = [.. Enumerable.Range(0, settings.Concurrent).Select(_ => Task.Run(PumpAsync))];
    }

    /// <exception cref="StoreUnavailableException">The group failed, or the batcher is stopping.</exception>
    public async Task<TResult> RunAsync(TItem item, CancellationToken cancellation)
    {
        var entry = new Entry(item, cancellation);
        try
        {
            await _waiting.Writer.WriteAsync(entry, cancellation);
        }
        catch (ChannelClosedException)
        {
            throw new StoreUnavailableException("the store is shutting down");
        }

        // A caller that gives up stops waiting; a group that already runs is not stopped for it.
        return await entry.Done.Task.WaitAsync(cancellation);
    }

    /// <summary>Takes no more, and waits for what was taken.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await Task.WhenAll(_pumps);
    }

    public void Dispose() => _waiting.Writer.TryComplete();

    private async Task PumpAsync()
    {
        var group = new List<Entry>(_settings.MaxItems);
        while (await _waiting.Reader.WaitToReadAsync())
        {
            Fill(group);
            if (_settings.Linger > TimeSpan.Zero && group.Count < _settings.MaxItems)
            {
                await Task.Delay(_settings.Linger, _time);
                Fill(group);
            }

            if (group.Count > 0) await RunGroupAsync(group);
            group.Clear();
        }
    }

    private void Fill(List<Entry> group)
    {
        while (group.Count < _settings.MaxItems && _waiting.Reader.TryRead(out var entry))
        {
            if (entry.Cancellation.IsCancellationRequested) entry.Done.TrySetCanceled(entry.Cancellation);
            else group.Add(entry);
        }
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
