using System.Globalization;

namespace Parley.Common.Backplane;

/// <summary>Token buckets that all processes share.</summary>
internal sealed class RedisBuckets(RedisConnection connection, IBackplane local)
{
    // One number per bucket, in microseconds of the server's clock: when it is full again (as TokenBucket, in ticks). It expires then.
    private const string Script = """
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local window = tonumber(ARGV[2])
        local per_token = math.max(1, math.floor(window / tonumber(ARGV[1])))
        local full = tonumber(redis.call('GET', KEYS[1])) or now
        local owed = math.min(math.max(full - now, 0), window)
        local wait = owed + per_token - window
        if wait > 0 then return {0, 0, wait} end
        redis.call('SET', KEYS[1], string.format('%.0f', now + owed + per_token), 'PX', math.ceil((owed + per_token) / 1000))
        return {1, math.floor((window - owed - per_token) / per_token), 0}
        """;

    private const long TicksPerMicrosecond = TimeSpan.TicksPerMillisecond / 1000;

    public async ValueTask<RateDecision> TakeAsync(string key, int limit, TimeSpan window)
    {
        if (limit <= 0) return new RateDecision(false, 0, window);

        var (answered, decision) = await connection.TryAsync(async redis =>
        {
            var microseconds = (window.Ticks / TicksPerMicrosecond).ToString(CultureInfo.InvariantCulture);
            var answer = (long[]?)await redis.GetDatabase().ScriptEvaluateAsync(Script, [key], [limit, microseconds]);
            return answer is [var allowed, var remaining, var wait]
                ? new RateDecision(allowed == 1, (int)remaining, TimeSpan.FromTicks(wait * TicksPerMicrosecond))
                : throw new InvalidOperationException("Redis gave no decision");
        });
        return answered ? decision : await local.TakeAsync(key, limit, window);
    }
}
