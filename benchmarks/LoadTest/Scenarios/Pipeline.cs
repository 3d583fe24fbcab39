using Parley.LoadTest.Arms;
using Parley.LoadTest.Http;
using Parley.LoadTest.Measuring;
using Parley.TestKit;

namespace Parley.LoadTest.Scenarios;

/// <summary>The three hosts in processes of their own, from webhook to channel call, on a store.</summary>
internal sealed class Pipeline : IAsyncDisposable
{
    private static readonly string[] Kinds = [ArmKind.Ingest, ArmKind.Parley, ArmKind.Dispatcher];
    private readonly List<ArmProcess> _hosts = [];
    private OpenStore? _store;

    private Pipeline(int messages) => Channel = new ChannelSink(messages);

    public ChannelSink Channel { get; }

    /// <summary>Where webhooks are taken.</summary>
    public int Port => _hosts[0].Port;

    public TimeSpan Cpu => _hosts.Aggregate(TimeSpan.Zero, (sum, host) => sum + host.Use().Cpu);

    public bool HasFailed => _hosts.Any(h => h.HasExited);

    public static async Task<Pipeline> StartAsync(Bench bench, Load load, int messages, CancellationToken cancellation)
    {
        await bench.PlanAsync(load with { Records = 1 }, cancellation);
        var pipeline = new Pipeline(messages);
        try
        {
            pipeline._store = await bench.Stores.OpenAsync(load.Store, cancellation);
            var group = $"pipeline-{Guid.NewGuid():N}";
            foreach (var kind in Kinds)
            {
                pipeline._hosts.Add(ArmProcess.Start(kind, new ArmSettings
                {
                    Bootstrap = bench.Broker.BootstrapServers, Topic = "", Replies = "", Group = group, Concurrency = load.Permits, LatencyMs = load.LatencyMs,
                    Store = load.Store, StoreConnection = pipeline._store.ConnectionString, ChannelAddress = pipeline.Channel.Address, Port = FreePort.Take(),
                }));
            }

            using var http = new HttpClient();
            foreach (var host in pipeline._hosts)
            {
                await Listening.AwaitAsync(host.Port, host, cancellation);
                await Eventually.Until(() => Listening.IsReadyAsync(http, host.Port, cancellation), ready => ready, cancellation, TimeSpan.FromSeconds(40));
            }

            return pipeline;
        }
        catch
        {
            await pipeline.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends requests until each has its reply at the channel: connections are open and code is compiled after it.</summary>
    public async Task WarmUpAsync(byte[][] requests, CancellationToken cancellation)
    {
        await new HttpLoad(requests, Port, connections: 16).RunAsync(rate: 0, cancellation);
        await Eventually.True(() => Channel.Arrived == requests.Length, cancellation, TimeSpan.FromSeconds(60));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts) await host.DisposeAsync();
        await Channel.DisposeAsync();
        if (_store is not null) await _store.DisposeAsync();
    }
}
