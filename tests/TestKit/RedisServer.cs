using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Parley.TestKit;

/// <summary>A real redis-server on a free port, without persistence; ends with the test.</summary>
public sealed class RedisServer : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("parley-redis-").FullName;
    private Process? _process;

    private RedisServer(int port) => Port = port;

    public static bool Installed { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(p => File.Exists(Path.Combine(p, "redis-server")));

    public int Port { get; }

    public string Address => $"127.0.0.1:{Port}";

    public static async Task<RedisServer> StartAsync(CancellationToken cancellation)
    {
        var server = new RedisServer(FreePort());
        await server.StartAgainAsync(cancellation);
        return server;
    }

    /// <summary>Starts it on the port it had, empty.</summary>
    public async Task StartAgainAsync(CancellationToken cancellation)
    {
        _process = Process.Start(new ProcessStartInfo("redis-server",
            ["--port", $"{Port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", _directory, "--loglevel", "warning"])
        {
            RedirectStandardOutput = true,
        }) ?? throw new InvalidOperationException("redis-server did not start");
        await Eventually.Until(() => AskAsync("PING", cancellation), answer => answer.StartsWith("+PONG", StringComparison.Ordinal), cancellation);
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

    /// <summary>Ends it as <c>kill -9</c> does.</summary>
    public void Kill()
    {
        _process?.Kill();
        _process?.WaitForExit();
        _process?.Dispose();
        _process = null;
    }

    /// <summary>It keeps its connections and answers nothing.</summary>
    public void Freeze() => Signal("-STOP");

    public void Thaw() => Signal("-CONT");

    public void Dispose()
    {
        Kill();
        Directory.Delete(_directory, recursive: true);
    }

    private void Signal(string signal)
    {
        using var kill = Process.Start("kill", [signal, $"{_process!.Id}"]);
        kill.WaitForExit();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
