using Parley.LoadTest.Arms;
using Parley.LoadTest.Results;
using Parley.TestKit.Plots;

namespace Parley.LoadTest.Scenarios;

/// <summary>One term of the load grows, the others stay: what share of what engine and order allow is had.</summary>
internal static class GrowthScenario
{
    private static readonly Load Base = new() { LatencyMs = 100, Permits = 256, Conversations = 10_000, Partitions = 12 };

    public static async Task RunAsync(Bench bench, CancellationToken cancellation)
    {
        await GrowAsync(bench, "partitions", [1, 2, 4, 12], n => Base with { Partitions = n }, cancellation);
        await GrowAsync(bench, "conversations", [10, 100, 1_000, 10_000, 100_000], n => Base with { Conversations = n }, cancellation);
        await GrowAsync(bench, "engine concurrency", [16, 64, 256, 1_024], n => Base with { Permits = n }, cancellation);
        await GrowAsync(bench, "message bytes", [512, 2_048, 16_384, 65_536], n => Base with { MessageBytes = n }, cancellation);
        await GrowAsync(bench, "tenants", [1, 10, 100, 1_000], n => Base with { Tenants = n }, cancellation);
        await GrowAsync(bench, "consumers", [1, 2, 4], n => Base with { Consumers = n, Permits = 64 }, cancellation);
    }

    private static async Task GrowAsync(Bench bench, string what, int[] values, Func<int, Load> make, CancellationToken cancellation)
    {
        var (share, rate) = (new List<(double, double)>(), new List<(double, double)>());
        foreach (var value in values)
        {
            // A few seconds of work, whatever the bound; more where several consumers have to find each other first.
            var load = make(value);
            var bound = Math.Min(load.EngineBound, load.Conversations * 1000 / load.LatencyMs);
            load = load with { Records = (int)Math.Clamp(bound * (bench.Settings.Long ? 15 : 4) * (load.Consumers > 1 ? 3 : 1), 400, 100_000) };
            var found = await bench.CompareAsync(load, [ArmKind.Parley], cancellation, TimeSpan.FromSeconds(60));
            if (found.Efficiency(ArmKind.Parley) is not { } efficiency) continue;
            share.Add((value, efficiency));
            rate.Add((value, found.Rate(ArmKind.Parley)!.Value));
            bench.Report.Add(Measure.Plain($"{what} {value:N0}: share of what engine and order allow", efficiency, "F3"));
        }

        if (share.Count == 0) return;
        var name = what.Replace(' ', '-');
        bench.Report.Add($"growth-{name}", new Plot($"What growing {what} cost", what, "rate / bound", [
            new Series("share of the bound", share), new Series("goal", [(share[0].Item1, 0.97), (share[^1].Item1, 0.97)], Dashed: true)]) { LogX = true, Marks = true });
        bench.Report.Add($"growth-{name}-rate", new Plot($"Turns a second as {what} grow", what, "turns/s", [new Series("turns/s", rate)]) { LogX = true, Marks = true });
    }
}
