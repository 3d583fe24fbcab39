using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Parley.Common.Backplane;

/// <summary>The backplane of many processes, on Redis 5 or later. Without an answer in time, a call is answered from this process alone.</summary>
internal sealed class RedisBackplane : IBackplane, IAsyncDisposable, IDisposable
{
    /// <summary>Values that are longer are not kept: somebody else's 50 MiB under one of our keys must not fill this process.</summary>
    public const int MaxValueBytes = 64 * 1024;

    // Before each value: tells ours from anything else that may stand there, and an empty value from none.
    private const string Ours = "1:";

    private readonly RedisConnection _connection;
    private readonly RedisTopics _topics;
    private readonly RedisBuckets _buckets;

    public RedisBackplane(BackplaneOptions options, IBackplane local, TimeProvider time, ILogger<RedisBackplane> log)
    {
        _connection = new RedisConnection(options, time, log);
        _topics = new RedisTopics(_connection, new LocalTopics(log));
        _buckets = new RedisBuckets(_connection, local);
    }

    public Task PublishAsync(string topic, string notice) => _topics.PublishAsync(topic, notice);

    public Task<IAsyncDisposable> SubscribeAsync(string topic, Action<string> onNotice) => _topics.SubscribeAsync(topic, onNotice);

    public ValueTask<RateDecision> TakeAsync(string bucket, int limit, TimeSpan window) => _buckets.TakeAsync("parley/bucket/" + bucket, limit, window);

    public async ValueTask<string?> GetAsync(string key)
    {
        var (_, value) = await _connection.TryAsync(redis => redis.GetDatabase().StringGetRangeAsync(Key(key), 0, MaxValueBytes, CommandFlags.None));
        // A value that is cut off was not written by us: ours are shorter.
        var text = value.IsNullOrEmpty || ((byte[])value!).Length > MaxValueBytes ? null : (string?)value;
        return text is not null && text.StartsWith(Ours, StringComparison.Ordinal) ? text[Ours.Length..] : null;
    }

    public async ValueTask SetAsync(string key, string value, TimeSpan expiry)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(value) + Ours.Length > MaxValueBytes) return;

        await _connection.TryAsync(redis => expiry < TimeSpan.FromMilliseconds(1)
            ? redis.GetDatabase().KeyDeleteAsync(Key(key), CommandFlags.None)
            : redis.GetDatabase().StringSetAsync(Key(key), Ours + value, expiry, When.Always, CommandFlags.None));
    }

    public async ValueTask<bool> IsHealthyAsync() => (await _connection.TryAsync(redis => redis.GetDatabase().PingAsync(CommandFlags.None))).Answered;

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    public void Dispose() => _connection.Dispose();

    private static string Key(string key) => "parley/value/" + key;
}
