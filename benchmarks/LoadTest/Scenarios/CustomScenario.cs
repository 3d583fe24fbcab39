using Parley.LoadTest.Arms;
using Parley.LoadTest.Measuring;
using Parley.LoadTest.Results;
using Parley.TestKit.Plots;

namespace Parley.LoadTest.Scenarios;

/// <summary>The processor on whatever terms the command line gives.</summary>
internal static class CustomScenario
{
    // At this share of what the engine allows a queue is short, and a hiccup shows.
    private const double OpenShare = 0.7;

    public static async Task DrainAsync(Bench bench, CancellationToken cancellation)
    {
        var records = bench.Broker.IsEmbedded ? 8_000 : 20_000;
        var found = await bench.CompareAsync(new Load { LatencyMs = 20, Partitions = 4, Records = records }, [ArmKind.Parley], cancellation);
        bench.Report.Add(Measure.Plain("closed loop: turns/s", found.Rate(ArmKind.Parley)));
        bench.Report.Add(Measure.Plain("  share of what engine and order allow", found.Efficiency(ArmKind.Parley), "F3"));
        bench.Report.Add("drain-rate", new Plot("Replies a second", "seconds", "replies/s", [new Series("replies", found.Runs[^1].RateOverTime)]));
    }

    public static async Task OpenAsync(Bench bench, CancellationToken cancellation)
    {
        var load = bench.Settings.Override(new Load { LatencyMs = 20, Permits = 64, Partitions = 4 });
        var rate = bench.Settings.Rate ?? (load.LatencyMs > 0 ? Math.Min(bench.Broker.IsEmbedded ? 500 : 5_000, load.EngineBound * OpenShare) : 1_000);
        var seconds = bench.Settings.Seconds ?? 10;
        load = load with { Records = (int)(rate * seconds) };
        var seeded = await bench.PlanAsync(load, cancellation);
        var writer = new OpenLoop(seeded, bench.Broker.BootstrapServers);
        using var http = new HttpClient();
        Task? writing = null;
        var plan = new RunPlan
        {
            Limit = TimeSpan.FromSeconds(seconds * 2 + 40),
            Meanwhile = async state =>
            {
                if (writing is null && await Listening.IsReadyAsync(http, state.Arms.All[0].Port, cancellation)) writing = writer.WriteAsync(() => rate, cancellation);
            },
        };
        var (run, tally) = await bench.RunAsync(ArmKind.Parley, seeded, plan, cancellation);
        if (writing is not null) await writing;
        bench.Report.Add(run with { Bound = null });
        var latencies = writer.Latencies(tally, n => n > load.Records / 10);
        foreach (var share in (double[])[0.5, 0.9, 0.99, 0.999])
        {
            bench.Report.Add(Measure.Plain($"open loop at {rate:N0}/s, engine {load.LatencyMs} ms: p{share * 100:0.#}, ms", Percentiles.Of(latencies, share), "F1"));
        }

        bench.Report.Add("open-latency", new Plot($"From intended time to reply at {rate:N0} messages a second", "percentile", "ms", [new Series("latency", Percentiles.Curve(latencies))]));
    }
}
