using Parley.LoadTest.Arms;
using Parley.LoadTest.Measuring;
using Parley.LoadTest.Results;

namespace Parley.LoadTest.Scenarios;

/// <summary>A processor joins or leaves every two seconds.</summary>
internal static class ChurnScenario
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    public static async Task RunAsync(Bench bench, CancellationToken cancellation)
    {
        var seconds = bench.Settings.Seconds ?? (bench.Settings.Long ? 120 : 30);
        var load = bench.Settings.Override(new Load { LatencyMs = 50, Permits = 64, Partitions = 12, Store = "sqlite" });

        // The store is shared by all: SQLite is one file. A steady processor alone is what the churn is compared with.
        var steady = load with { Records = (int)(load.EngineBound * 10) };
        var (calm, _) = await bench.RunAsync(ArmKind.Parley, await bench.SeedAsync(steady, cancellation), new RunPlan(), cancellation);
        bench.Report.Add(calm);

        var (changes, last) = (0, TimeSpan.Zero);
        var began = TimeSpan.Zero;
        var stopping = Task.CompletedTask;
        var plan = new RunPlan
        {
            Limit = TimeSpan.FromSeconds(seconds * 4 + 60),
            Quiet = TimeSpan.FromSeconds(2),
            UntilCommitted = true,
            Meanwhile = state =>
            {
                if (state.Replies == 0) return Task.CompletedTask;
                if (began == TimeSpan.Zero) began = last = state.Elapsed;
                if (state.Elapsed - last < Every || state.Elapsed - began > TimeSpan.FromSeconds(seconds)) return Task.CompletedTask;
                last = state.Elapsed;
                changes++;
                if (state.Arms.All.Count == 1) state.Arms.Start();
                else stopping = Task.WhenAll(stopping, state.Arms.StopLastAsync(TimeSpan.FromSeconds(15)));
                return Task.CompletedTask;
            },
        };
        var churned = load with { Records = (int)(load.EngineBound * seconds) };
        var (run, tally) = await bench.RunAsync(ArmKind.Parley, await bench.SeedAsync(churned, cancellation), plan, cancellation);
        await stopping;
        bench.Report.Add(run with { Bound = null });
        var during = tally.Times.Count(t => t - tally.Times[0] < seconds * 1000) / Math.Min(seconds, (tally.Times[^1] - tally.Times[0]) / 1000.0);
        bench.Report.Add(Measure.AtLeast($"{changes} times a processor joins or leaves, one every 2 s: rate / rate of one that is left alone", during / calm.Rate, 0.5));
        bench.Report.Add(new Measure(
            "  lost / duplicate replies / order breaks", $"{run.Missing} / {run.DuplicateReplies} / {run.OrderBreaks}", "0 / 0 / 0",
            run is { Missing: 0, DuplicateReplies: 0, OrderBreaks: 0 }));
        bench.Report.Add("churn-rate", new TestKit.Plots.Plot("A processor joins or leaves every two seconds", "seconds", "replies/s", [
            new TestKit.Plots.Series("replies", run.RateOverTime), new TestKit.Plots.Series("one processor, steady", [(0, calm.Rate), (run.RateOverTime[^1].Seconds, calm.Rate)], Dashed: true)]));
    }
}
