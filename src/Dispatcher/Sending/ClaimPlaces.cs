using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Parley.Dispatcher.Sending;

/// <summary>
/// Places between claim and first byte, so many for each account. A process that dies leaves what stands there in doubt although nothing of it has
/// left; without a limit that is as much as may be sent at once. Per account, as one whose channel takes no connection keeps its places for long. An account that may
/// send fast has more of them: its places are worth a fiftieth of a second.
/// </summary>
internal sealed class ClaimPlaces(IOptions<DispatcherOptions> options)
{
    /// <summary>A claim takes some milliseconds, so this is what lets an account reach its own pace.</summary>
    private static readonly TimeSpan Worth = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<(string Channel, string Account), SemaphoreSlim> _places = new();

    /// <summary>Waits for a place; first come, first served.</summary>
    public async Task<ClaimPlace> TakeAsync(string channel, string account, SendPace pace, CancellationToken cancellation)
    {
        var size = Math.Max(options.Value.ClaimsPerAccount, (int)(pace.AccountPerSecond * Worth.TotalSeconds));
        var places = _places.GetOrAdd((channel, account), static (_, size) => new SemaphoreSlim(size), size);
        await places.WaitAsync(cancellation);
        return new ClaimPlace(places);
    }
}

/// <summary>A place that was taken. Left once, however often that is said.</summary>
internal sealed class ClaimPlace(SemaphoreSlim places) : IDisposable
{
    private int _left;

    /// <summary>Whether it was left. Before it is disposed of that means: a first byte was let go.</summary>
    public bool IsLeft => Volatile.Read(ref _left) != 0;

    public void Leave()
    {
        if (Interlocked.Exchange(ref _left, 1) == 0) places.Release();
    }

    public void Dispose() => Leave();
}
