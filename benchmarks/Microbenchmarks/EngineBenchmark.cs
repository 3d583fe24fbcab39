using BenchmarkDotNet.Attributes;
using Parley.Engine.V1;
using Parley.LoadTest.Arms;
using Parley.Processor.Engine;

namespace Parley.Microbenchmarks;

/// <summary>What a call of the engine costs the caller. The engine is on the loopback, in a process of its own, and answers at once.</summary>
[MemoryDiagnoser]
public class EngineBenchmark : IDisposable
{
    private static readonly ProcessMessageRequest Request = EngineRequest.Of(Samples.Message().Key, "t_1", 1, Samples.Commit(Samples.Message()).State, [Samples.Message()]);
    private EngineProcess? _process;
    private GrpcEngine? _engine;

    [GlobalSetup]
    public void Setup()
    {
        _process = EngineProcess.StartAsync(latencyMs: 0, CancellationToken.None).GetAwaiter().GetResult();
        _engine = new GrpcEngine(_process.Address);
    }

    [Benchmark]
    public Task<ProcessMessageResponse> CallAsync() => _engine!.ProcessAsync(Request, DateTime.UtcNow.AddSeconds(20), CancellationToken.None);

    [GlobalCleanup]
    public void Dispose()
    {
        _engine?.Dispose();
        _process?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        (_engine, _process) = (null, null);
        GC.SuppressFinalize(this);
    }
}
