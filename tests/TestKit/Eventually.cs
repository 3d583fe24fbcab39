using System.Diagnostics;

namespace Parley.TestKit;

/// <summary>Waits for what must become true, with a deadline; the failure says what was seen last.</summary>
public static class Eventually
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    /// <summary>Reads until <paramref name="good"/> says yes, and returns what was read then.</summary>
    public static async Task<T> Get<T>(Func<Task<T>> read, Func<T, bool> good, CancellationToken cancellation, TimeSpan? deadline = null)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var value = await read();
            if (good(value)) return value;
            if (watch.Elapsed > (deadline ?? Deadline)) throw new TimeoutException($"not within {watch.Elapsed.TotalSeconds:0.0} s; last seen: {value}");
            await Task.Delay(10, cancellation);
        }
    }

    public static Task<T> Seen<T>(Func<T> read, Func<T, bool> good, CancellationToken cancellation, TimeSpan? deadline = null) =>
        Get(() => Task.FromResult(read()), good, cancellation, deadline);

    public static Task True(Func<bool> condition, CancellationToken cancellation, TimeSpan? deadline = null) =>
        Seen(condition, static yes => yes, cancellation, deadline);
}
