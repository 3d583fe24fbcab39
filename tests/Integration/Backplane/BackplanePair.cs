using Microsoft.Extensions.Logging.Abstractions;
using Parley.Common.Backplane;
using Parley.TestKit;

namespace Parley.Integration.Backplane;

/// <summary>The backplane as two processes see it: two connections to one Redis, or the one in-process backplane twice.</summary>
internal sealed class BackplanePair : IAsyncDisposable
{
    private readonly RedisServer? _redis;

    private BackplanePair(IBackplane one, IBackplane other, RedisServer? redis) => (One, Other, _redis) = (one, other, redis);

    public IBackplane One { get; }
    public IBackplane Other { get; }
    public RedisServer Redis => _redis ?? throw new InvalidOperationException("the in-process backplane has no Redis");

    public static async Task<BackplanePair> StartAsync(string kind, CancellationToken cancellation)
    {
        if (kind == "in-process")
        {
            var local = InProcess();
            return new BackplanePair(local, local, null);
        }

        Assert.SkipWhen(RedisServer.Missing is not null, RedisServer.Missing ?? "");
        var redis = await RedisServer.StartAsync(cancellation);
        try
        {
            var pair = new BackplanePair(OnRedis(redis.Address), OnRedis(redis.Address), redis);
            // The first connection takes longer than a call may: until it is made, calls are answered locally.
            foreach (var backplane in new[] { pair.One, pair.Other })
            {
                await Eventually.Until<bool>(() => backplane.IsHealthyAsync().AsTask(), healthy => healthy, cancellation);
            }

            return pair;
        }
        catch
        {
            await redis.DisposeAsync();
            throw;
        }
    }

    public static InProcessBackplane InProcess() => new(TimeProvider.System, NullLogger<InProcessBackplane>.Instance);

    public static RedisBackplane OnRedis(string address, Microsoft.Extensions.Logging.ILogger<RedisBackplane>? log = null) => new(
        new BackplaneOptions { Address = address }, InProcess(), TimeProvider.System, log ?? NullLogger<RedisBackplane>.Instance);

    public async ValueTask DisposeAsync()
    {
        foreach (var backplane in new[] { One, Other })
        {
            if (backplane is IAsyncDisposable disposable) await disposable.DisposeAsync();
        }

        if (_redis is not null) await _redis.DisposeAsync();
    }
}
