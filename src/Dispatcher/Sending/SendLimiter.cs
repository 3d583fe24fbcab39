using Parley.Common.Conversations;

namespace Parley.Dispatcher.Sending;

/// <summary>
/// Token buckets ahead of the channels' limits: one per account, one per recipient. Of this process: with several dispatchers an account's
/// rate is divided by setting its <c>MessagesPerSecond</c>; a recipient's conversation is always in one process.
/// </summary>
internal sealed class SendLimiter(TimeProvider time)
{
    private const int SweepAt = 8192;

    // Times count from here: small enough to be exact to the tick.
    private readonly long _origin = time.GetTimestamp();
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Channel, string Account, string? Recipient), Bucket> _buckets = []; // guarded by _gate
    private int _sweepAt = SweepAt; // guarded by _gate

    /// <summary>
    /// Books the next free place if it is at most <paramref name="horizon"/> away: the caller waits <paramref name="delay"/> and sends. Otherwise
    /// nothing is booked, and asking again makes sense after <paramref name="delay"/>.
    /// </summary>
    public bool TryBook(string channel, string account, string recipient, SendPace pace, TimeSpan horizon, out TimeSpan delay)
    {
        delay = TimeSpan.Zero;
        if (pace is { AccountPerSecond: <= 0, PairBurst: <= 0 }) return true;

        lock (_gate)
        {
            var now = time.GetElapsedTime(_origin);
            Sweep(now);
            var byAccount = pace.AccountPerSecond > 0 ? Find((channel, account, null), OfAccount(pace.AccountPerSecond)) : null;
            var byPair = pace.PairBurst > 0 ? Find((channel, account, recipient), (pace.PairInterval, pace.PairBurst)) : null;

            var free = Max(byAccount?.NextFree(now) ?? now, byPair?.NextFree(now) ?? now);
            delay = free - now;
            if (delay > horizon) return false;

            byAccount?.Take(free);
            byPair?.Take(free);
            return true;
        }
    }

    /// <summary>
    /// Nothing was sent in the place that the recipient's last reply booked: the next one gets it. A recipient's replies book one after the other. The account's
    /// place is not given back, as others have booked behind it, and it is soon earned again.
    /// </summary>
    public void GiveBack(string channel, string account, string recipient, SendPace pace)
    {
        if (pace.PairBurst <= 0) return;

        lock (_gate)
        {
            if (_buckets.TryGetValue((channel, account, recipient), out var bucket)) bucket.GiveBack();
        }
    }

    // A bucket of b tokens that refills r a second lets b - 1 + ⌈r⌉ through in the worst second. So that no second has more than the limit, a
    // tenth of it is the bucket and the rest the refill.
    private static (TimeSpan Interval, int Burst) OfAccount(double perSecond)
    {
        var burst = Math.Max(1, (int)(perSecond / 10));
        return (TimeSpan.FromTicks((long)Math.Ceiling(TimeSpan.TicksPerSecond / (perSecond - (burst - 1)))), burst);
    }

    private Bucket Find((string, string, string?) key, (TimeSpan Interval, int Burst) size)
    {
        if (!_buckets.TryGetValue(key, out var bucket)) _buckets[key] = bucket = new Bucket();
        (bucket.Interval, bucket.Burst) = size;
        return bucket;
    }

    private void Sweep(TimeSpan now)
    {
        if (_buckets.Count < _sweepAt) return;

        foreach (var (key, bucket) in _buckets)
        {
            if (bucket.FullAt <= now) _buckets.Remove(key);
        }

        _sweepAt = Math.Max(SweepAt, _buckets.Count * 2);
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    /// <summary>When the bucket is full again. A full bucket is the same as none.</summary>
    private sealed class Bucket
    {
        /// <summary><see cref="FullAt"/> before the last place was taken.</summary>
        private TimeSpan _before;

        public TimeSpan FullAt;
        public TimeSpan Interval;
        public int Burst;

        public TimeSpan NextFree(TimeSpan now) => Max(now, FullAt - (Burst - 1) * Interval);

        public void Take(TimeSpan at) => (_before, FullAt) = (FullAt, Max(at, FullAt) + Interval);

        /// <summary>As if what was taken last had not been.</summary>
        public void GiveBack() => FullAt = _before;
    }
}
