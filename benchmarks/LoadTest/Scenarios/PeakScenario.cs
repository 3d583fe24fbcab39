using Parley.LoadTest.Arms;
using Parley.LoadTest.Results;

namespace Parley.LoadTest.Scenarios;

/// <summary>What a message costs when the engine takes no time and nothing is stored: the processor's own work.</summary>
internal static class PeakScenario
{
    public static async Task RunAsync(Bench bench, CancellationToken cancellation)
    {
        var load = new Load { Records = bench.Settings.Long ? 300_000 : 150_000, Partitions = 12 };
        List<string> arms = [ArmKind.Parley, ArmKind.Raw, ArmKind.Client, ArmKind.ParallelConsumer];
        if (bench.Settings.Long) arms.Add(ArmKind.HashLanes);
        var found = await bench.CompareAsync(load, arms, cancellation);
        bench.Report.Add(Measure.AtLeast("engine 0 ms, no store: rate / raw consume→produce", found.Ratio(ArmKind.Parley, ArmKind.Raw), 0.5));
        bench.Report.Add(Measure.AtLeast("engine 0 ms, no store: rate / Parallel Consumer", found.Ratio(ArmKind.Parley, ArmKind.ParallelConsumer), 2));
        bench.Report.Add(Measure.Plain("  rate / that of the client alone with a turn's three records", found.Ratio(ArmKind.Parley, ArmKind.Client), "F2"));
        bench.Report.Add("peak", found.ToPlot("Engine 0 ms, no store, 12 partitions"));
        foreach (var arm in arms) bench.Report.Add(Measure.Plain($"  {arm}: messages/s", found.Rate(arm)));
    }
}
