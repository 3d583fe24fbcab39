using System.Diagnostics;

namespace Parley.TestKit;

/// <summary>Waits for something that will be true soon, with a deadline and the last value in the failure.</summary>
public static class Eventually
{
    private static readonly TimeSpan Default = TimeSpan.FromSeconds(15);

    /// <summary>Polls until the value satisfies the condition, and returns it.</summary>
    public static async Task<T> Until<T>(Func<Task<T>> read, Func<T, bool> condition, CancellationToken cancellation, TimeSpan? within = null)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var value = await read();
            if (condition(value)) return value;
            if (clock.Elapsed > (within ?? Default)) throw new TimeoutException($"after {clock.Elapsed.TotalSeconds:F1} s still: {Show(value)}");
            await Task.Delay(15, cancellation);
        }
    }

    public static Task<T> Until<T>(Func<T> read, Func<T, bool> condition, CancellationToken cancellation, TimeSpan? within = null) =>
        Until(() => Task.FromResult(read()), condition, cancellation, within);

    public static Task True(Func<bool> condition, CancellationToken cancellation, TimeSpan? within = null) =>
        Until(condition, static done => done, cancellation, within);

    private static string Show<T>(T value) => value is System.Collections.IEnumerable items and not string
        ? "[" + string.Join(", ", items.Cast<object?>().Take(20)) + "]"
        : value?.ToString() ?? "null";
}
