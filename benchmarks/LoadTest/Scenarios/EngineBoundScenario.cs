using Parley.LoadTest.Arms;
using Parley.LoadTest.Results;

namespace Parley.LoadTest.Scenarios;

/// <summary>How much of what the engine allows is had: rate / (permits / latency).</summary>
internal static class EngineBoundScenario
{
    private static readonly Load Base = new() { Conversations = 10_000, Permits = 256, LatencyMs = 100, Records = 20_000 };

    public static async Task PermitsAsync(Bench bench, CancellationToken cancellation)
    {
        double? peer = 1;
        foreach (var partitions in (int[])[1, 12])
        {
            // Half a minute at the least: the start of a process and the last replies of a run, when fewer conversations than permits have anything left, weigh less then.
            // The quick form, which has ten minutes, goes without the peer for that.
            var load = Base with { Partitions = partitions, Records = bench.Settings.Long ? 120_000 : 90_000 };
            string[] arms = bench.Settings.Long ? [ArmKind.Parley, ArmKind.ParallelConsumer] : [ArmKind.Parley];
            var found = await bench.CompareAsync(load, arms, cancellation, Limit(bench));
            bench.Report.Add(Measure.AtLeast($"engine 100 ms, 256 permits, {Count(partitions)}: rate / (permits/latency)", found.Efficiency(ArmKind.Parley), 0.97, "F3"));
            bench.Report.Add($"permits-{partitions}", found.ToPlot($"Engine 100 ms, 256 permits, 10,000 conversations, {Count(partitions)}"));
            peer = Less(peer, found.Efficiency(ArmKind.ParallelConsumer));
        }

        if (bench.Settings.Long) bench.Report.Add(Measure.Plain("  the same, Parallel Consumer, the lower of both", peer, "F3"));
    }

    public static async Task PartitionsAsync(Bench bench, CancellationToken cancellation)
    {
        // Long enough that the end, when few conversations have anything left, weighs little.
        var load = Base with { Conversations = 1_000, Records = 250_000 };
        var one = await bench.CompareAsync(load with { Partitions = 1 }, [ArmKind.Parley], cancellation);
        var twelve = await bench.CompareAsync(load with { Partitions = 12 }, [ArmKind.Parley], cancellation);
        bench.Report.Add(Measure.AtLeast("1,000 conversations, engine 100 ms, 256 permits, 1 partition: rate / (permits/latency)", one.Efficiency(ArmKind.Parley), 0.95, "F3"));
        bench.Report.Add(Measure.AtLeast("  the same, 12 partitions", twelve.Efficiency(ArmKind.Parley), 0.95, "F3"));
        bench.Report.Add("partitions-1", one.ToPlot("Engine 100 ms, 256 permits, 1,000 conversations, 1 partition"));
        bench.Report.Add("partitions-12", twelve.ToPlot("Engine 100 ms, 256 permits, 1,000 conversations, 12 partitions"));
        var ratio = one.Rate(ArmKind.Parley) / twelve.Rate(ArmKind.Parley);
        bench.Report.Add(new Measure("  1 partition / 12 partitions", $"{ratio:F3}", "0.95 to 1.05", ratio is { } found ? Math.Abs(found - 1) <= 0.05 : null));
    }

    public static async Task ShortAsync(Bench bench, CancellationToken cancellation)
    {
        // The first six seconds of a process are compilation: with fewer records they would be most of the run. The quick form, which has ten minutes, goes without the others for that.
        var load = Base with { LatencyMs = 10, Records = bench.Settings.Long ? 400_000 : 200_000 };
        string[] arms = bench.Settings.Long ? [ArmKind.Parley, ArmKind.ParallelConsumer, ArmKind.HashLanes] : [ArmKind.Parley];
        var found = await bench.CompareAsync(load, arms, cancellation, Limit(bench));
        bench.Report.Add(Measure.AtLeast("engine 10 ms, 256 permits, 1 partition: rate / (permits/latency)", found.Efficiency(ArmKind.Parley), 0.80, "F3"));
        bench.Report.Add("permits-10ms", found.ToPlot("Engine 10 ms, 256 permits, 1 partition"));
        foreach (var arm in arms.Skip(1)) bench.Report.Add(Measure.Plain($"  the same, {arm}", found.Efficiency(arm), "F3"));
    }

    public static async Task ZipfAsync(Bench bench, CancellationToken cancellation)
    {
        // The hottest conversation needs most of the run for its own messages: what it misses while the process gets warm it cannot make up for. So few records would tell
        // of the start alone; the quick form, which has ten minutes, goes without the peer instead.
        var load = Base with { Zipf = 0.5, Records = bench.Settings.Long ? 160_000 : 80_000 };
        string[] arms = bench.Settings.Long ? [ArmKind.Parley, ArmKind.ParallelConsumer] : [ArmKind.Parley];
        var found = await bench.CompareAsync(load, arms, cancellation, Limit(bench));
        bench.Report.Add(Measure.AtLeast(
            "engine 100 ms, 256 permits, Zipf 0.5: rate / min(permits/latency, hottest conversation's bound)", found.Efficiency(ArmKind.Parley), 0.90, "F3"));
        bench.Report.Add("zipf", found.ToPlot("Engine 100 ms, 256 permits, Zipf 0.5 over 10,000 conversations"));
        if (bench.Settings.Long) bench.Report.Add(Measure.Plain("  the same, Parallel Consumer", found.Efficiency(ArmKind.ParallelConsumer), "F3"));
    }

    public static async Task FloorAsync(Bench bench, CancellationToken cancellation)
    {
        var load = Base with { LatencyMs = 10, Partitions = 12, Records = 60_000 };
        string[] arms = [ArmKind.Parley, ArmKind.HashLanes, ArmKind.Sequential, ArmKind.Raw, ArmKind.ParallelConsumer];
        var found = await bench.CompareAsync(load, arms, cancellation, limit: TimeSpan.FromSeconds(25));
        foreach (var arm in arms) bench.Report.Add(Measure.Plain($"engine 10 ms, 12 partitions, {arm}: messages/s", found.Rate(arm)));
    }

    public static async Task GrpcAsync(Bench bench, CancellationToken cancellation)
    {
        var load = Base with { Engine = "grpc" };
        var found = await bench.CompareAsync(load, [ArmKind.Parley], cancellation);
        bench.Report.Add(Measure.Plain("engine 100 ms behind gRPC, 256 permits, 1 partition: rate / (permits/latency)", found.Efficiency(ArmKind.Parley), "F3"));
    }

    private static TimeSpan Limit(Bench bench) => TimeSpan.FromSeconds(bench.Settings.Long ? 240 : 90);

    private static string Count(int partitions) => partitions == 1 ? "1 partition" : $"{partitions} partitions";

    private static double? Less(double? one, double? other) => one < other ? one : other;
}
