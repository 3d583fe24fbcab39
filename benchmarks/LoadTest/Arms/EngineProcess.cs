using Parley.TestKit;

namespace Parley.LoadTest.Arms;

/// <summary>An engine behind gRPC, in a process of its own.</summary>
internal sealed class EngineProcess : IAsyncDisposable
{
    private readonly ArmProcess _process;

    private EngineProcess(ArmProcess process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    public string Address => $"http://127.0.0.1:{Port}";

    public static async Task<EngineProcess> StartAsync(double latencyMs, CancellationToken cancellation)
    {
        var port = FreePort.Take();
        var process = ArmProcess.Start(ArmKind.GrpcEngine, new ArmSettings { Bootstrap = "", Topic = "", Replies = "", Group = "", LatencyMs = latencyMs, Port = port });
        await Listening.AwaitAsync(port, process, cancellation);
        return new EngineProcess(process, port);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
