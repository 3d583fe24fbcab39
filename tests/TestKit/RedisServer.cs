using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Parley.TestKit;

/// <summary>A real redis-server on a free port, without persistence; ends with the test.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("parley-redis-").FullName;
    private ChildProcess? _process;

    private RedisServer(int port) => Port = port;

    /// <summary>Why no Redis can be started here; null when one can.</summary>
    public static string? Missing => ChildProcess.Find("redis-server") is null ? "redis-server is not on PATH (Debian: apt-get install redis-server)" : null;

    public int Port { get; }

    public string Address => $"127.0.0.1:{Port}";

    public static async Task<RedisServer> StartAsync(CancellationToken cancellation)
    {
        var server = new RedisServer(FreePort.Take());
        try
        {
            await server.StartAgainAsync(cancellation);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it on the port it had, empty.</summary>
    public async Task StartAgainAsync(CancellationToken cancellation)
    {
        _process = ChildProcess.Start("redis-server",
            ["--port", $"{Port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", _folder, "--loglevel", "warning"]);
        await Eventually.Until<string>(() => AskAsync("PING", cancellation), answer => answer.StartsWith("+PONG", StringComparison.Ordinal), cancellation);
    }

    /// <summary>Sends one inline command and returns the answer's first bytes; empty when there is nobody.</summary>
    public async Task<string> AskAsync(string command, CancellationToken cancellation)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port, cancellation);
            var stream = client.GetStream();
            await stream.WriteAsync(Encoding.UTF8.GetBytes(command + "\r\n"), cancellation);
            var answer = new byte[4096];
            return Encoding.UTF8.GetString(answer, 0, await stream.ReadAsync(answer, cancellation));
        }
        catch (SocketException)
        {
            return "";
        }
    }

    /// <summary>SIGKILL.</summary>
    public Task KillAsync() => _process!.KillAsync();

    /// <summary>It keeps its connections and answers nothing.</summary>
    public void Freeze() => _process!.Pause();

    public void Thaw() => _process!.Resume();

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
