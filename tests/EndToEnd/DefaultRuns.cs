using System.Collections.Concurrent;
using Parley.TestKit.Hosts;
using Parley.TestKit.Kafka;

namespace Parley.EndToEnd;

/// <summary>The program as <c>./run</c> starts it, with nothing set but, for the second kind, the address of a real Kafka. Shared by the tests of a first message.</summary>
public sealed class DefaultRuns : IAsyncLifetime
{
    private readonly ConcurrentDictionary<BrokerKind, Lazy<Task<(ParleyProcess Parley, TestBroker? Broker)>>> _runs = new();

    public async Task<ParleyProcess> GetAsync(BrokerKind kind)
    {
        if (kind == BrokerKind.Apache && KafkaServer.Missing is { } reason) Assert.Skip(reason);
        var run = await _runs.GetOrAdd(kind, static k => new(() => StartAsync(k))).Value;
        return run.Parley;
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var run in _runs.Values)
        {
            var (parley, broker) = await run.Value;
            await parley.DisposeAsync();
            if (broker is not null) await broker.DisposeAsync();
        }
    }

    private static async Task<(ParleyProcess, TestBroker?)> StartAsync(BrokerKind kind)
    {
        var broker = kind == BrokerKind.Apache ? await TestBroker.StartAsync(kind, CancellationToken.None) : null;
        return (await ParleyProcess.StartAsync(CancellationToken.None, broker?.Settings), broker);
    }
}
