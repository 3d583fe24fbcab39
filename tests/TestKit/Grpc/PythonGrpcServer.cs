using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace Parley.TestKit.Grpc;

/// <summary>
/// grpc_server.py in a process of its own: a gRPC server of another make (grpcio), on a free port. As a fixture it is
/// shared by the tests of a class. Where grpcio is not installed, <see cref="Missing"/> says so and tests skip.
/// </summary>
public sealed class PythonGrpcServer : IAsyncLifetime
{
    private const string Python = "/usr/bin/python3";
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(20);

    private Process? _process;

    /// <summary>Why there is no server, or null when there is one.</summary>
    public string? Missing { get; private set; }

    /// <summary>Where the server listens.</summary>
    public int Port { get; private set; }

    /// <summary>Where the server listens, in the clear.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port}");

    /// <summary>A running server with further arguments of grpc_server.py.</summary>
    public static async Task<PythonGrpcServer> StartAsync(params string[] arguments)
    {
        var server = new PythonGrpcServer();
        await server.LaunchAsync(arguments);
        return server;
    }

    /// <summary>A port that nobody listens on.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Skips the test when there is no server.</summary>
    public PythonGrpcServer OrSkip()
    {
        Assert.SkipWhen(Missing is not null, Missing ?? "");
        return this;
    }

    /// <summary>Kills the server: its connections break.</summary>
    public async Task KillAsync()
    {
        if (_process is null)
            return;
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask InitializeAsync() => await LaunchAsync([]);

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process?.Dispose();
    }

    private async Task LaunchAsync(string[] arguments)
    {
        if (!File.Exists(Python))
        {
            Missing = $"{Python} is not there";
            return;
        }

        string script = Path.Combine(AppContext.BaseDirectory, "Grpc", "grpc_server.py");
        _process = Process.Start(new ProcessStartInfo(Python, [script, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = _process.StandardError.ReadToEndAsync();
        string? line = await _process.StandardOutput.ReadLineAsync().WaitAsync(s_startLimit);
        if (line is ['r', 'e', 'a', 'd', 'y', ' ', .. string port])
            Port = int.Parse(port, CultureInfo.InvariantCulture);
        else if ((await errors) is var error && error.Contains("No module named 'grpc'", StringComparison.Ordinal))
            Missing = $"{Python} has no grpc module (Debian: python3-grpcio)";
        else
            throw new InvalidOperationException($"grpc_server.py did not start: {error}");
    }
}
