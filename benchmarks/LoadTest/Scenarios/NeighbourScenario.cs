using Parley.LoadTest.Arms;
using Parley.LoadTest.Measuring;
using Parley.LoadTest.Results;
using Parley.TestKit.Plots;

namespace Parley.LoadTest.Scenarios;

/// <summary>One of ten tenants sends a hundred times as much as the others, or its engine calls fail, or hang. What do the others feel?</summary>
internal static class NeighbourScenario
{
    private const int Tenants = 10;
    private const double MaxRatio = 1.25;

    public static async Task RunAsync(Bench bench, CancellationToken cancellation)
    {
        var rate = bench.Settings.Rate ?? 20;
        var seconds = bench.Settings.Seconds ?? (bench.Settings.Long ? 60 : 15);
        var load = bench.Settings.Override(new Load { LatencyMs = 50, Permits = 64, Partitions = 12, Conversations = 2_000, Tenants = Tenants });
        var curves = new List<Series>();
        double? calm = null;
        foreach (var (name, loud, slow) in ((string, double, string)[])[("calm", 1, ""), ("one at 100x", 100, ""), ("one failing", 1, "fail"), ("one hanging", 1, "hang")])
        {
            var latencies = await OthersAsync(bench, load, rate, loud, slow, seconds, cancellation);
            var p99 = Percentiles.Of(latencies, 0.99);
            curves.Add(new Series(name, [.. Enumerable.Range(1, 99).Select(p => ((double)p, Percentiles.Of(latencies, p / 100.0) ?? 0))]));
            bench.Report.Add(Measure.Plain($"{name}: p99 of the other tenants, ms", p99, "F0"));
            if (name == "calm") calm = p99;
            else bench.Report.Add(Measure.AtMost($"{name}: p99 of the other tenants / calm", p99 / calm, MaxRatio));
        }

        bench.Report.Add("neighbour", new Plot("What the other nine tenants feel", "percentile", "latency, ms", curves));
    }

    /// <summary>Latencies of all tenants but the first, in order.</summary>
    private static async Task<double[]> OthersAsync(
        Bench bench, Load load, double rate, double loud, string slow, double seconds, CancellationToken cancellation)
    {
        var total = rate * (Tenants - 1 + loud);
        var planned = await bench.PlanAsync(load with { Records = (int)(total * seconds) }, cancellation);

        // The first tenant's share of the records is its share of the rate; a record's tenant follows from its conversation.
        var random = new Random(11);
        var conversationOf = planned.ConversationOf.Select(c => random.NextDouble() < loud / (Tenants - 1 + loud)
            ? c - (c % Tenants)
            : c - (c % Tenants) + 1 + random.Next(Tenants - 1)).ToArray();
        var seeded = planned with { ConversationOf = conversationOf };
        var writer = new OpenLoop(seeded, bench.Broker.BootstrapServers);
        Task? writing = null;
        var others = conversationOf.Count(c => c % Tenants != 0);
        var end = TimeSpan.FromSeconds(seconds + 12);
        var plan = new RunPlan
        {
            Limit = end + TimeSpan.FromSeconds(20),
            SlowTenant = slow,
            Enough = () => writing is { IsCompleted: true },
            Meanwhile = async state =>
            {
                if (writing is null && state.Elapsed > TimeSpan.FromSeconds(4)) writing = writer.WriteAsync(() => total, cancellation);

                // The last ones get the time they need; those of a tenant that hangs will not come.
                if (writing is { IsCompleted: true }) await Task.Delay(1_500, cancellation);
            },
        };
        var (run, tally) = await bench.RunAsync(ArmKind.Parley, seeded, plan, cancellation);
        bench.Report.Add(run with { Bound = null, StoppedEarly = true });
        var latencies = writer.Latencies(tally, n => conversationOf[n] % Tenants != 0 && n > conversationOf.Length / 10);
        Bench.Say($"  {latencies.Length:N0} of the others' {others:N0} messages counted");
        return latencies;
    }
}
