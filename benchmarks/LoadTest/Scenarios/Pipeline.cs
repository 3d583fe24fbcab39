using Parley.Common.Records;
using Parley.LoadTest.Arms;
using Parley.LoadTest.Brokers;
using Parley.LoadTest.Http;
using Parley.LoadTest.Measuring;
using Parley.TestKit;

namespace Parley.LoadTest.Scenarios;

/// <summary>The three hosts in processes of their own, from webhook to channel call, on a store.</summary>
internal sealed class Pipeline : IAsyncDisposable
{
    private static readonly string[] Kinds = [ArmKind.Ingest, ArmKind.Parley, ArmKind.Dispatcher];
    private readonly List<ArmProcess> _hosts = [];
    private readonly string _group = $"pipeline-{Guid.NewGuid():N}";
    private readonly string _bootstrapServers;
    private readonly int _partitions;
    private OpenStore? _store;

    private Pipeline(string bootstrapServers, int partitions, int messages) =>
        (_bootstrapServers, _partitions, Channel) = (bootstrapServers, partitions, new ChannelSink(messages));

    public ChannelSink Channel { get; }

    /// <summary>Where webhooks are taken.</summary>
    public int Port => _hosts[0].Port;

    public TimeSpan Cpu => _hosts.Aggregate(TimeSpan.Zero, (sum, host) => sum + host.Use().Cpu);

    public bool HasFailed => _hosts.Any(h => h.HasExited);

    public static async Task<Pipeline> StartAsync(Bench bench, Load load, int messages, CancellationToken cancellation)
    {
        await bench.PlanAsync(load with { Records = 1 }, cancellation);
        var pipeline = new Pipeline(bench.Broker.BootstrapServers, load.Partitions, messages);
        try
        {
            pipeline._store = await bench.Stores.OpenAsync(load.Store, cancellation);
            foreach (var kind in Kinds)
            {
                pipeline._hosts.Add(ArmProcess.Start(kind, new ArmSettings
                {
                    Bootstrap = bench.Broker.BootstrapServers, Topic = "", Replies = "", Group = pipeline._group, Concurrency = load.Permits, LatencyMs = load.LatencyMs,
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

    /// <summary>
    /// Sends requests until each has its reply at the channel and everything of them is done, receipts included, of which nobody at the channel sees anything: connections are
    /// open and code is compiled after it, and nothing of it is left for what is measured.
    /// </summary>
    public async Task WarmUpAsync(byte[][] requests, CancellationToken cancellation)
    {
        await new HttpLoad(requests, Port, connections: 16).RunAsync(rate: 0, cancellation);
        await Eventually.True(() => Channel.Arrived == requests.Length, cancellation, TimeSpan.FromSeconds(60));
        await Eventually.Until(IsAllDoneAsync, done => done, cancellation, TimeSpan.FromSeconds(60));
    }

    /// <summary>The replies first: their receipts are written before their offsets count.</summary>
    private async Task<bool> IsAllDoneAsync() =>
        await GroupProgress.IsAtEndAsync(_bootstrapServers, HostArm.DispatcherGroup(_group), Topics.Outbound, _partitions)
        && await GroupProgress.IsAtEndAsync(_bootstrapServers, _group, Topics.Inbound, _partitions);

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts) await host.DisposeAsync();
        await Channel.DisposeAsync();
        if (_store is not null) await _store.DisposeAsync();
    }
}
