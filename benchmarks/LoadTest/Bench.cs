using System.Diagnostics;
using Parley.LoadTest.Arms;
using Parley.LoadTest.Brokers;
using Parley.LoadTest.Measuring;
using Parley.LoadTest.Results;

namespace Parley.LoadTest;

/// <summary>What scenarios are run with: the broker, the stores, the report.</summary>
internal sealed class Bench(BenchSettings settings, BenchBroker broker, Report report) : IAsyncDisposable
{
    private readonly BenchStores _stores = new();
    private SeededTopic? _seeded;

    public BenchSettings Settings { get; } = settings;
    public BenchBroker Broker { get; } = broker;
    public Report Report { get; } = report;
    public BenchStores Stores => _stores;

    /// <summary>Topics made anew, with the load's records on the inbound one. Made once for loads that want the same records.</summary>
    public async Task<SeededTopic> SeedAsync(Load load, CancellationToken cancellation)
    {
        if (!Broker.IsEmbedded && _seeded is { } present && present.Load.SameTopic(load)) return present with { Load = load };
        var seeded = await PlanAsync(load, cancellation);
        var clock = Stopwatch.StartNew();
        seeded.Write(Broker.BootstrapServers, Parley.Common.Records.Topics.Inbound);
        Say($"seeded {load.Records:N0} records of {load.MessageBytes} B, {load.Conversations:N0} conversations, {load.Partitions} partitions in {clock.Elapsed.TotalSeconds:F1} s");
        return _seeded = seeded;
    }

    /// <summary>Topics made anew, empty; the records are for the caller to write.</summary>
    public async Task<SeededTopic> PlanAsync(Load load, CancellationToken cancellation)
    {
        Limit(load);
        _seeded = null;
        await Broker.ResetAsync(load.Partitions, cancellation);
        return SeededTopic.Plan(load);
    }

    /// <summary>Runs the arms one after the other, round by round, on the same records. An arm that is not here is skipped, with the reason.</summary>
    public async Task<Comparison> CompareAsync(Load wanted, IReadOnlyList<string> arms, CancellationToken cancellation, TimeSpan? limit = null)
    {
        var load = Settings.Override(wanted);
        var runs = new List<ArmRun>();
        for (var round = 1; round <= Settings.Rounds; round++)
        {
            foreach (var arm in arms.Concat(Settings.OutsideArms.Select(a => a.Name)).Where(a => Settings.OnlyArms?.Contains(a) ?? true))
            {
                if (Missing(arm) is { } reason)
                {
                    if (round == 1) Say($"{arm}: skipped, {reason}");
                    continue;
                }

                var (run, _) = await RunAsync(arm, await SeedAsync(load, cancellation), new RunPlan { Limit = limit ?? TimeSpan.FromSeconds(Settings.Long ? 180 : 45) }, cancellation);
                runs.Add(run);
                Report.Add(run);
            }
        }

        return new Comparison(load, runs);
    }

    /// <summary>One run of an arm until every message has its reply, or the limit.</summary>
    public async Task<(ArmRun Run, ReplyTally Tally)> RunAsync(string arm, SeededTopic seeded, RunPlan plan, CancellationToken cancellation)
    {
        var load = seeded.Load;
        var isParley = arm == ArmKind.Parley;
        var drain = new Drain(Broker, isParley ? Parley.Common.Records.Topics.Outbound : BenchBroker.Replies, seeded, arm, plan);
        await using var engine = load.Engine == "grpc" && isParley ? await EngineProcess.StartAsync(load.LatencyMs, cancellation) : null;
        await using var store = await _stores.OpenAsync(isParley ? load.Store : "none", cancellation);
        await using var arms = new ArmSet(() => Start(arm, load, drain, store.ConnectionString, engine?.Address ?? "", plan));
        await drain.BeginAsync();
        for (var i = 0; i < load.Consumers; i++) arms.Start();
        await drain.AwaitAsync(arms, cancellation);
        await arms.DisposeAsync();
        return await drain.EndAsync();
    }

    public static void Say(string line) => Console.WriteLine($"{DateTime.Now:HH:mm:ss} {line}");

    public ValueTask DisposeAsync() => _stores.DisposeAsync();

    private ArmProcess Start(string arm, Load load, Drain drain, string connection, string engineAddress, RunPlan plan)
    {
        var settings = new ArmSettings
        {
            Bootstrap = Broker.BootstrapServers, Topic = Parley.Common.Records.Topics.Inbound, Replies = drain.Topic, Group = drain.Group,
            Concurrency = load.Permits, LatencyMs = load.LatencyMs, Records = load.Records, Partitions = load.Partitions, Tenants = load.Tenants,
            Store = load.Store, StoreConnection = connection, Engine = load.Engine, EngineAddress = engineAddress,
            SlowTenant = plan.SlowTenant, Port = TestKit.FreePort.Take(),
        };
        return Outside(arm) is { } outside ? ArmProcess.Start(outside, settings) : ArmProcess.Start(arm, settings);
    }

    private OutsideArm? Outside(string arm) =>
        arm == ArmKind.ParallelConsumer ? OutsideArm.FindParallelConsumer(out _) : Settings.OutsideArms.FirstOrDefault(a => a.Name == arm);

    private string? Missing(string arm)
    {
        if (arm != ArmKind.ParallelConsumer) return null;
        if (Broker.IsEmbedded) return "its client does not speak to the embedded broker";
        return OutsideArm.FindParallelConsumer(out var missing) is null ? missing : null;
    }

    // The embedded broker drops what does not fit, and acknowledges it all the same.
    private void Limit(Load load)
    {
        var fits = (int)(Parley.Standalone.Broker.EmbeddedBroker.PartitionBytes * load.Partitions / 2 / (load.MessageBytes + 400));
        if (Broker.IsEmbedded && load.Records > fits)
        {
            throw new BenchException($"the embedded broker holds about {fits} records of {load.MessageBytes} B on {load.Partitions} partitions: --records {fits} or fewer, or --broker apache");
        }
    }
}
