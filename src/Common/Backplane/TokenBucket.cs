namespace Parley.Common.Backplane;

/// <summary>A token bucket in one number: the time at which it is full again. Pure; the script of <see cref="RedisBuckets"/> computes the same.</summary>
internal static class TokenBucket
{
    /// <summary>Takes a token if there is one.</summary>
    /// <param name="now">Now, in ticks of any clock.</param>
    /// <param name="full">When the bucket is full again, on the same clock; moved when a token is taken.</param>
    public static RateDecision Take(long now, ref long full, int limit, TimeSpan window)
    {
        if (limit <= 0) return new RateDecision(false, 0, window);

        var perToken = Math.Max(1, window.Ticks / limit);
        // A clock that was set back must not lock the bucket for longer than its window.
        var owed = Math.Clamp(full - now, 0, window.Ticks);
        var wait = owed + perToken - window.Ticks;
        if (wait > 0) return new RateDecision(false, 0, TimeSpan.FromTicks(wait));

        full = now + owed + perToken;
        return new RateDecision(true, (int)((window.Ticks - owed - perToken) / perToken), TimeSpan.Zero);
    }
}
