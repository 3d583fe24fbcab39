using System.Net;
using System.Net.Sockets;

namespace Parley.TestKit.Proxies;

/// <summary>What a proxy does with the bytes that pass.</summary>
public enum WireMode
{
    Pass,

    /// <summary>Every chunk waits for <see cref="TcpProxy.Delay"/>, both ways.</summary>
    Delay,

    /// <summary>Nothing passes either way, connections stay open; what came meanwhile passes afterwards.</summary>
    Stall,

    /// <summary>Connections are cut, and new ones too.</summary>
    Reset,
}

/// <summary>Looks at one connection's bytes, and may cut it where it hurts.</summary>
public interface IWireTap
{
    /// <summary>False cuts the connection instead of carrying this chunk to the server.</summary>
    bool OnRequest(ReadOnlySpan<byte> chunk);

    /// <summary>False cuts the connection instead of carrying this chunk to the client: the server has done it, the client never hears.</summary>
    bool OnAnswer(ReadOnlySpan<byte> chunk);
}

/// <summary>A wire between clients and a server on 127.0.0.1 that can be slowed, stalled and cut. The server may come and go behind it.</summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<IWireTap>? _tap;
    private readonly int _serverPort;
    private readonly Task _accepting;
    private CancellationTokenSource _cut = new();
    private TaskCompletionSource _flowing = Flowing();
    private WireMode _mode;

    /// <param name="port">0 for any.</param>
    /// <param name="tap">Makes the tap of a new connection.</param>
    public TcpProxy(int serverPort, int port = 0, Func<IWireTap>? tap = null)
    {
        (_serverPort, _tap) = (serverPort, tap);
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public TimeSpan Delay { get; set; } = TimeSpan.FromMilliseconds(50);

    public WireMode Mode
    {
        get => _mode;
        set
        {
            var before = _flowing;
            _mode = value;
            _flowing = value == WireMode.Stall ? new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) : Flowing();
            before.TrySetResult();
            if (value != WireMode.Reset) return;

            var cut = Interlocked.Exchange(ref _cut, new CancellationTokenSource());
            cut.Cancel();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Mode = WireMode.Reset;
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
        _cut.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = CarryAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using var server = new TcpClient { NoDelay = true };
        using (client)
        {
            try
            {
                client.NoDelay = true;
                using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, _cut.Token);
                if (_mode == WireMode.Reset) return;

                await server.ConnectAsync(IPAddress.Loopback, _serverPort, end.Token);
                var tap = _tap?.Invoke();
                var pumps = new[]
                {
                    PumpAsync(client.GetStream(), server.GetStream(), tap is null ? null : chunk => tap.OnRequest(chunk.Span), end.Token),
                    PumpAsync(server.GetStream(), client.GetStream(), tap is null ? null : chunk => tap.OnAnswer(chunk.Span), end.Token),
                };
                await Task.WhenAny(pumps);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The server is away, or the wire is cut: the client sees a closed connection.
            }

            // Zero linger makes the close a reset.
            client.LingerState = new LingerOption(true, 0);
        }
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to, Func<ReadOnlyMemory<byte>, bool>? pass, CancellationToken end)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReadAsync(buffer, end) is var length and > 0)
            {
                if (_mode == WireMode.Delay) await Task.Delay(Delay, end);
                await _flowing.Task.WaitAsync(end);
                if (pass is not null && !pass(buffer.AsMemory(0, length))) return;
                await to.WriteAsync(buffer.AsMemory(0, length), end);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // One end closed while the other was writing.
        }
    }

    private static TaskCompletionSource Flowing()
    {
        var done = new TaskCompletionSource();
        done.SetResult();
        return done;
    }
}
