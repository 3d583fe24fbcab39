using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Parley.TestKit;

namespace Parley.Integration.Backplane;

/// <summary>Redis is never the authority: whatever happens to it, calls are answered, quickly.</summary>
public sealed class RedisFaultTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_Redis_killed_limits_and_notices_go_on_in_the_process()
    {
        await using var pair = await BackplanePair.StartAsync("redis", Cancellation);
        var heard = new ConcurrentQueue<string>();
        await using var subscription = await pair.One.SubscribeAsync("a", heard.Enqueue);
        await pair.One.SetAsync("key", "value", Minute);

        await pair.Redis.KillAsync();

        for (var i = 0; i < 5; i++) Assert.Equal(i < 3, (await pair.One.TakeAsync("b", 3, Minute)).Allowed);
        Assert.Null(await pair.One.GetAsync("key"));
        await pair.One.SetAsync("key", "value", Minute);
        await pair.One.PublishAsync("a", "news");
        Assert.Equal(["news"], heard);
        Assert.False(await pair.One.IsHealthyAsync());
    }

    [Fact]
    public async Task Once_Redis_is_back_processes_hear_each_other_again()
    {
        await using var pair = await BackplanePair.StartAsync("redis", Cancellation);
        var heard = new ConcurrentQueue<string>();
        await using var before = await pair.Other.SubscribeAsync("before", heard.Enqueue);
        await pair.Redis.KillAsync();
        await Eventually.Until<bool>(() => pair.Other.IsHealthyAsync().AsTask(), healthy => !healthy, Cancellation);
        await using var meanwhile = await pair.Other.SubscribeAsync("meanwhile", heard.Enqueue);

        await pair.Redis.StartAgainAsync(Cancellation);

        foreach (var topic in new[] { "before", "meanwhile" })
        {
            heard.Clear();
            await Eventually.Until<int>(async () =>
            {
                await pair.One.PublishAsync(topic, "news");
                return heard.Count;
            }, count => count > 0, Cancellation, TimeSpan.FromSeconds(20));
        }
    }

    [Fact]
    public async Task A_frozen_Redis_costs_a_few_calls_the_timeout_and_the_rest_nothing()
    {
        await using var pair = await BackplanePair.StartAsync("redis", Cancellation);
        pair.Redis.Freeze();
        try
        {
            var slowest = TimeSpan.Zero;
            var total = Stopwatch.StartNew();
            for (var i = 0; i < 200; i++)
            {
                var watch = Stopwatch.StartNew();
                await pair.One.TakeAsync("b", 1000, Minute);
                if (watch.Elapsed > slowest) slowest = watch.Elapsed;
            }

            Assert.InRange(slowest, TimeSpan.FromMilliseconds(80), TimeSpan.FromMilliseconds(400));
            Assert.True(total.Elapsed < TimeSpan.FromSeconds(1.5), $"200 calls took {total.Elapsed}");
        }
        finally
        {
            pair.Redis.Thaw();
        }
    }

    [Fact]
    public async Task A_Redis_that_is_not_there_at_start_is_used_once_it_is()
    {
        Assert.SkipWhen(RedisServer.Missing is not null, RedisServer.Missing ?? "");
        await using var redis = await RedisServer.StartAsync(Cancellation);
        await redis.KillAsync();
        await using var backplane = BackplanePair.OnRedis(redis.Address);
        Assert.True((await backplane.TakeAsync("b", 1, Minute)).Allowed);

        await redis.StartAgainAsync(Cancellation);

        await Eventually.Until<bool>(() => backplane.IsHealthyAsync().AsTask(), healthy => healthy, Cancellation, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_Redis_that_refuses_is_as_none()
    {
        await using var pair = await BackplanePair.StartAsync("redis", Cancellation);
        await pair.One.SetAsync("key", "value", Minute);
        await pair.Redis.AskAsync("CONFIG SET maxmemory 1", Cancellation);

        Assert.True((await pair.One.TakeAsync("b", 1, Minute)).Allowed);
        Assert.False((await pair.One.TakeAsync("b", 1, Minute)).Allowed);
        await pair.One.SetAsync("other", "value", Minute);
        Assert.Null(await pair.One.GetAsync("other"));
    }

    [Fact]
    public async Task What_others_left_under_our_keys_is_as_nothing()
    {
        await using var pair = await BackplanePair.StartAsync("redis", Cancellation);
        await pair.Redis.AskAsync("LPUSH parley/value/list 1", Cancellation);
        await pair.Redis.AskAsync("SET parley/value/foreign hello", Cancellation);
        await pair.Redis.AskAsync("SETRANGE parley/value/huge 50000000 x", Cancellation);
        await pair.Redis.AskAsync("SET parley/bucket/b garbage", Cancellation);

        Assert.Null(await pair.One.GetAsync("list"));
        Assert.Null(await pair.One.GetAsync("foreign"));
        Assert.Null(await pair.One.GetAsync("huge"));
        Assert.True((await pair.One.TakeAsync("b", 1, Minute)).Allowed);
        Assert.False((await pair.One.TakeAsync("b", 1, Minute)).Allowed);
    }

    [Fact]
    public async Task Going_and_coming_back_are_logged_once_each()
    {
        Assert.SkipWhen(RedisServer.Missing is not null, RedisServer.Missing ?? "");
        await using var redis = await RedisServer.StartAsync(Cancellation);
        var log = new RecordingLogger();
        await using var backplane = BackplanePair.OnRedis(redis.Address, log);
        await Eventually.Until<bool>(() => backplane.IsHealthyAsync().AsTask(), healthy => healthy, Cancellation);

        await redis.KillAsync();
        for (var i = 0; i < 50; i++) await backplane.GetAsync("key");
        await redis.StartAgainAsync(Cancellation);
        await Eventually.Until<bool>(() => backplane.IsHealthyAsync().AsTask(), healthy => healthy, Cancellation, TimeSpan.FromSeconds(20));

        Assert.Equal([LogLevel.Warning, LogLevel.Information], log.Levels);
    }

    private sealed class RecordingLogger : ILogger<Parley.Common.Backplane.RedisBackplane>
    {
        public ConcurrentQueue<LogLevel> Levels { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Levels.Enqueue(logLevel);
    }
}
