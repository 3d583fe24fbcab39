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
            curves.Add(new Series(name, Percentiles.Curve(latencies)));
            bench.Report.Add(Measure.Plain($"{name}: p99 of the other tenants, ms", p99, "F0"));
            if (name == "calm") calm = p99;
            else bench.Report.Add(Measure.AtMost($"{name}: p99 of the other tenants / calm", p99 / calm, MaxRatio));
        }

        bench.Report.Add("neighbour", new Plot("What the other nine tenants feel", "percentile", "latency, ms", curves) { LogY = true });
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
        using var http = new HttpClient();
        Task? writing = null;
        var (most, grewAt, now) = (-1, TimeSpan.Zero, TimeSpan.Zero);
        var plan = new RunPlan
        {
            Limit = TimeSpan.FromSeconds(seconds + 60),
            SlowTenant = slow,

            // The replies of a tenant that fails or hangs may never come: it is over when nothing comes any more.
            Enough = () => writing is { IsCompleted: true } && now - grewAt > TimeSpan.FromSeconds(2),
            Meanwhile = async state =>
            {
                now = state.Elapsed;
                if (state.Replies > most) (most, grewAt) = (state.Replies, now);
                if (writing is null && await Listening.IsReadyAsync(http, state.Arms.All[0].Port, cancellation)) writing = writer.WriteAsync(() => total, cancellation);
            },
        };
        var (run, tally) = await bench.RunAsync(ArmKind.Parley, seeded, plan, cancellation);
        bench.Report.Add(run with { Bound = null, StoppedEarly = true });
        var latencies = writer.Latencies(tally, n => conversationOf[n] % Tenants != 0 && n > conversationOf.Length / 5);
        Bench.Say($"  {latencies.Length:N0} messages of the others counted, {latencies.Count(double.IsInfinity)} without a reply");
        return latencies;
    }
}
