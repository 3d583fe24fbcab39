using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Parley.Common.Backplane;

/// <summary>The backplane of a process that stands alone, and what <see cref="RedisBackplane"/> falls back to.</summary>
internal sealed class InProcessBackplane(TimeProvider time, ILogger<InProcessBackplane> log) : IBackplane
{
    private const int SweepAt = 4096;

    private readonly LocalTopics _topics = new(log);
    private readonly ConcurrentDictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (string Value, long Expires)> _values = new(StringComparer.Ordinal);
    private int _sweepBucketsAt = SweepAt;
    private int _sweepValuesAt = SweepAt;

    public Task PublishAsync(string topic, string notice)
    {
        _topics.Publish(topic, notice);
        return Task.CompletedTask;
    }

    public Task<IAsyncDisposable> SubscribeAsync(string topic, Action<string> onNotice)
    {
        var subscription = _topics.Subscribe(topic, onNotice);
        return Task.FromResult<IAsyncDisposable>(new Leaving(() => _topics.Unsubscribe(topic, subscription)));
    }

    public ValueTask<RateDecision> TakeAsync(string bucket, int limit, TimeSpan window)
    {
        var now = Now();
        var state = _buckets.GetOrAdd(bucket, _ => new Bucket());
        RateDecision decision;
        lock (state)
        {
            decision = TokenBucket.Take(now, ref state.Full, limit, window);
        }

        // A full bucket is the same as none. One that is dropped while it is being taken from forgives a token, no more.
        Sweep(_buckets, ref _sweepBucketsAt, kept => Volatile.Read(ref kept.Full) > now);
        return ValueTask.FromResult(decision);
    }

    public ValueTask<string?> GetAsync(string key) =>
        ValueTask.FromResult(_values.TryGetValue(key, out var kept) && kept.Expires > Now() ? kept.Value : null);

    public ValueTask SetAsync(string key, string value, TimeSpan expiry)
    {
        var now = Now();
        _values[key] = (value, now + expiry.Ticks);
        Sweep(_values, ref _sweepValuesAt, kept => kept.Expires > now);
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> IsHealthyAsync() => ValueTask.FromResult(true);

    private long Now() => time.GetElapsedTime(0, time.GetTimestamp()).Ticks;

    // Amortised: looks at everything only after the number of live entries has doubled.
    private static void Sweep<T>(ConcurrentDictionary<string, T> entries, ref int sweepAt, Func<T, bool> stillNeeded)
    {
        var limit = Volatile.Read(ref sweepAt);
        if (entries.Count <= limit || Interlocked.CompareExchange(ref sweepAt, int.MaxValue, limit) != limit) return;

        foreach (var entry in entries)
        {
            if (!stillNeeded(entry.Value)) entries.TryRemove(entry);
        }

        Volatile.Write(ref sweepAt, Math.Max(SweepAt, entries.Count * 2));
    }

    private sealed class Bucket
    {
        public long Full;
    }

    private sealed class Leaving(Action leave) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            leave();
            return ValueTask.CompletedTask;
        }
    }
}
