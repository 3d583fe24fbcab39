using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Parley.Common.Backplane;

/// <summary>One connection to Redis, made at the first call. Calls are short or not made: a Redis that is gone costs nobody more than the timeout, now and then.</summary>
/// <remarks>Only calls that StackExchange.Redis 1.2 and 3 share: the partial package feed has the one, the full feed the other.</remarks>
internal sealed partial class RedisConnection(BackplaneOptions options, TimeProvider time, ILogger log) : IAsyncDisposable, IDisposable
{
    private static readonly TimeSpan RefusalLogEvery = TimeSpan.FromMinutes(1);

    private readonly Breaker _breaker = new(time);
    private readonly Lock _gate = new();
    private Task<ConnectionMultiplexer>? _connecting; // guarded by _gate
    private Action<ConnectionMultiplexer>? _onConnected; // guarded by _gate
    private long _refusalLoggedAt;

    /// <summary>Runs <paramref name="call"/> if Redis is there; false when it was not answered in time or not made at all.</summary>
    public async ValueTask<(bool Answered, T? Answer)> TryAsync<T>(Func<ConnectionMultiplexer, Task<T>> call)
    {
        if (!_breaker.MayCall()) return default;

        try
        {
            var answer = await CallAsync(call).WaitAsync(options.Timeout, time);
            if (_breaker.Succeeded()) LogBack();
            return (true, answer);
        }
        catch (RedisServerException e)
        {
            // It answers, but not this (out of memory, read only, loading, a key of another type): the caller goes on without, the next call may work.
            LogRefusal(e.Message);
            return default;
        }
        catch (Exception e)
        {
            // Whatever went wrong in the client: the backplane is never the authority, and every caller goes on without it.
            if (_breaker.Failed()) LogGone(e.Message);
            return default;
        }
    }

    /// <summary>Calls back once, when the connection has been made for the first time; it comes back by itself after that.</summary>
    public void OnConnected(Action<ConnectionMultiplexer> onConnected)
    {
        lock (_gate)
        {
            _onConnected += onConnected;
        }
    }

    // Neither waits for commands under way: nothing of them matters.
    public async ValueTask DisposeAsync()
    {
        if (Connected() is { } redis) await redis.CloseAsync(allowCommandsToComplete: false);
    }

    public void Dispose() => Connected()?.Close(allowCommandsToComplete: false);

    private ConnectionMultiplexer? Connected()
    {
        lock (_gate)
        {
            return _connecting is { IsCompletedSuccessfully: true } connected ? connected.Result : null;
        }
    }

    private async Task<T> CallAsync<T>(Func<ConnectionMultiplexer, Task<T>> call) => await call(await ConnectedAsync());

    [SuppressMessage("Reliability", "CA2008", Justification = "Task.Run takes the default scheduler")]
    private Task<ConnectionMultiplexer> ConnectedAsync()
    {
        lock (_gate)
        {
            if (_connecting is null or { IsFaulted: true } or { IsCanceled: true }) _connecting = Task.Run(ConnectAsync);
            return _connecting;
        }
    }

    private async Task<ConnectionMultiplexer> ConnectAsync()
    {
        var settings = ConfigurationOptions.Parse(options.Address);
        settings.AbortOnConnectFail = false;
        settings.ConnectTimeout = 2_000;
        settings.KeepAlive = 5;
        settings.ReconnectRetryPolicy = new LinearRetry(1_000);
        var redis = await ConnectionMultiplexer.ConnectAsync(settings);

        Action<ConnectionMultiplexer>? onConnected;
        lock (_gate)
        {
            onConnected = _onConnected;
        }

        onConnected?.Invoke(redis);
        return redis;
    }

    private void LogRefusal(string reason)
    {
        var now = time.GetTimestamp();
        var last = Interlocked.Read(ref _refusalLoggedAt);
        if (last != 0 && time.GetElapsedTime(last, now) < RefusalLogEvery) return;
        if (Interlocked.CompareExchange(ref _refusalLoggedAt, now, last) == last) LogRefused(reason);
    }

    [LoggerMessage(1, LogLevel.Warning, "Redis (setting Redis:Address) does not answer, this process goes on without: {Reason}")]
    private partial void LogGone(string reason);

    [LoggerMessage(2, LogLevel.Information, "Redis answers again")]
    private partial void LogBack();

    [LoggerMessage(3, LogLevel.Warning, "Redis refuses calls: {Reason}")]
    private partial void LogRefused(string reason);
}
