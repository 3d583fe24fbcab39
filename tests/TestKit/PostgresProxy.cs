using System.Net;
using System.Net.Sockets;

namespace Parley.TestKit;

/// <summary>What the proxy does to the next COMMIT that passes.</summary>
public enum PostgresCut
{
    None,

    /// <summary>It never reaches the server.</summary>
    BeforeCommit,

    /// <summary>The server commits, and its answer never comes back.</summary>
    AfterCommit,
}

/// <summary>A wire between a client and PostgreSQL that breaks at the worst moment: around COMMIT.</summary>
public sealed class PostgresProxy : IAsyncDisposable
{
    private static readonly byte[] Commit = "COMMIT\0"u8.ToArray();

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _serverPort;
    private readonly Task _accepting;
    private volatile PostgresCut _next;

    public PostgresProxy(int serverPort)
    {
        _serverPort = serverPort;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Arms one cut.</summary>
    public void CutNextCommit(PostgresCut cut) => _next = cut;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var wires = new List<Task>();
        try
        {
            while (true) wires.Add(CarryAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(wires);
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _serverPort, _stop.Token);
                var wire = new Wire(client.GetStream(), server.GetStream());
                await Task.WhenAny(RequestsAsync(wire), AnswersAsync(wire));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // The server is away, or the test is over: the client sees a closed connection.
            }
        }
    }

    private async Task RequestsAsync(Wire wire)
    {
        await PumpAsync(wire.Client, wire.Server, chunk =>
        {
            if (_next == PostgresCut.None || chunk.Span.IndexOf(Commit) < 0) return true;

            wire.Mute = _next == PostgresCut.AfterCommit;
            _next = PostgresCut.None;
            return wire.Mute;
        });
    }

    private Task AnswersAsync(Wire wire) => PumpAsync(wire.Server, wire.Client, _ => !wire.Mute);

    /// <summary>Carries chunks until one end closes or <paramref name="pass"/> says to cut here.</summary>
    private async Task PumpAsync(NetworkStream from, NetworkStream to, Func<ReadOnlyMemory<byte>, bool> pass)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReadAsync(buffer, _stop.Token) is var length and > 0 && pass(buffer.AsMemory(0, length)))
            {
                await to.WriteAsync(buffer.AsMemory(0, length), _stop.Token);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // One end closed while the other was writing.
        }
    }

    private sealed record Wire(NetworkStream Client, NetworkStream Server)
    {
        /// <summary>The server's next words are lost.</summary>
        public volatile bool Mute;
    }
}
