using System.Diagnostics;
using System.Net.Sockets;
using Parley.LoadTest.Arms;

namespace Parley.LoadTest.Http;

/// <summary>Sends prepared requests over connections that stay open, each waiting for its answer: as fast as they are answered, or at their intended times.</summary>
internal sealed class HttpLoad(byte[][] requests, int port, int connections)
{
    private readonly long[] _intended = new long[requests.Length];
    private readonly bool[] _isAccepted = new bool[requests.Length];
    private int _next = -1;
    private int _accepted;
    private int _refused;

    /// <summary>Answered 200.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Answered otherwise.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>Whether a request was answered 200.</summary>
    public bool IsAccepted(int number) => _isAccepted[number];

    /// <summary>When a request was to be sent, as a timestamp of <see cref="Stopwatch"/>.</summary>
    public long IntendedAt(int number) => _intended[number];

    /// <param name="rate">Requests a second; 0 for as fast as possible.</param>
    /// <param name="cancellation">Ends it early.</param>
    public async Task RunAsync(double rate, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp() + (Stopwatch.Frequency / 10);
        for (var i = 0; i < _intended.Length && rate > 0; i++) _intended[i] = start + (long)(i * Stopwatch.Frequency / rate);
        using var permits = new SemaphoreSlim(0);
        var pacing = rate > 0 ? Task.Factory.StartNew(() => Pace(permits, cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default) : Task.CompletedTask;
        await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(() => SendAsync(rate > 0 ? permits : null, cancellation), cancellation)));
        await pacing;
    }

    // On a thread of its own: the framework's timers would be up to a millisecond late.
    private void Pace(SemaphoreSlim permits, CancellationToken cancellation)
    {
        for (var released = 0; released < _intended.Length + connections && !cancellation.IsCancellationRequested;)
        {
            // The last permits are for connections that find nothing left.
            if (released >= _intended.Length || Stopwatch.GetTimestamp() >= _intended[released])
            {
                permits.Release();
                released++;
            }
            else
            {
                Park.Sleep();
            }
        }
    }

    private async Task SendAsync(SemaphoreSlim? permits, CancellationToken cancellation)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", port, cancellation);
        var answer = new HttpMessage(socket);
        while (true)
        {
            if (permits is not null) await permits.WaitAsync(cancellation);
            var number = Interlocked.Increment(ref _next);
            if (number >= requests.Length) return;
            if (permits is null) _intended[number] = Stopwatch.GetTimestamp();
            await socket.SendAsync(requests[number], cancellation);
            if (!await answer.ReadAsync(cancellation)) throw new BenchException("the host closed a connection");
            _isAccepted[number] = answer.Status == 200;
            if (_isAccepted[number]) Interlocked.Increment(ref _accepted);
            else Interlocked.Increment(ref _refused);
        }
    }
}
