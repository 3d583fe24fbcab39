using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Parley.LoadTest.Arms;

/// <summary>
/// Waits for a set time, to a fifth of a millisecond, for any number of callers at once. The framework's timers end up to a millisecond
/// late, which would count against whoever uses them when an engine takes ten.
/// </summary>
internal sealed partial class Park
{
    private static readonly long Nap = 150_000;
    private readonly ConcurrentQueue<(long Due, TaskCompletionSource Done)> _waiting = new();
    private readonly object _some = new();
    private bool _isIdle;
    private long _ticks;

    public Park(double milliseconds)
    {
        Milliseconds = milliseconds;
        new Thread(Run) { IsBackground = true, Name = "park" }.Start();
    }

    /// <summary>How long; a change counts for those that come later.</summary>
    public double Milliseconds
    {
        get => Volatile.Read(ref _ticks) * 1000.0 / Stopwatch.Frequency;
        set => Volatile.Write(ref _ticks, (long)(value * Stopwatch.Frequency / 1000));
    }

    public Task WaitAsync()
    {
        var ticks = Volatile.Read(ref _ticks);
        if (ticks == 0) return Task.CompletedTask;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Enqueue((Stopwatch.GetTimestamp() + ticks, done));
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _isIdle)) Wake();
        return done.Task;
    }

    private void Run()
    {
        while (true)
        {
            AwaitSome();
            while (_waiting.TryPeek(out var head))
            {
                if (head.Due > Stopwatch.GetTimestamp()) Sleep();
                else if (_waiting.TryDequeue(out head)) head.Done.SetResult();
            }
        }
    }

    private void AwaitSome()
    {
        lock (_some)
        {
            Volatile.Write(ref _isIdle, true);

            // Who adds after this look sees that it is idle, and wakes it.
            Interlocked.MemoryBarrier();
            while (_waiting.IsEmpty) Monitor.Wait(_some);
            _isIdle = false;
        }
    }

    private void Wake()
    {
        lock (_some) Monitor.Pulse(_some);
    }

    /// <summary>Holds the thread up for a fifth of a millisecond, about.</summary>
    public static void Sleep()
    {
        var nap = new TimeSpec { Nanoseconds = Nap };
        _ = NanoSleep(ref nap, 0);
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(ref TimeSpec time, nint remaining);

    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
