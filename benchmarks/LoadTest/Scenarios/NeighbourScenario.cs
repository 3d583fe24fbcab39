using Parley.LoadTest.Arms;
using Parley.LoadTest.Measuring;
using Parley.LoadTest.Results;
using Parley.TestKit.Plots;

namespace Parley.LoadTest.Scenarios;

/// <summary>One of ten tenants sends a hundred times as much as the others, or its engine calls fail, or hang. What do the others feel?</summary>
/// <remarks>
/// A hundred times is more than the tenant's share of the permits (three quarters) can take: it queues, and the others must not queue with it.
/// The first run, of the loud kind, warms the broker and is not counted; in each run the first fifth warms the processor. A p99 is a handful of
/// messages: where a virtual machine's host took much of the processors away, these are the ones it stopped, and the run is made again.
/// </remarks>
internal static class NeighbourScenario
{
    private const int Tenants = 10;
    private const double MaxRatio = 1.25;

    /// <summary>Share of the processors that the host may take during a run, and how often a run is made for that.</summary>
    private const double MaxStolen = 0.06;

    private const int Tries = 4;
    private static readonly (string Name, double Loud, string Slow)[] Kinds = [("calm", 1, ""), ("one at 100x", 100, ""), ("one failing", 1, "fail"), ("one hanging", 1, "hang")];

    public static async Task RunAsync(Bench bench, CancellationToken cancellation)
    {
        var rate = bench.Settings.Rate ?? 3;
        var seconds = bench.Settings.Seconds ?? (bench.Settings.Long ? 60 : 30);
        var load = bench.Settings.Override(new Load { LatencyMs = 100, Permits = 32, Partitions = 12, Conversations = 2_000, Tenants = Tenants });
        await OthersAsync(bench, load, rate, 100, "", seconds / 2, cancellation);

        var rounds = Kinds.ToDictionary(k => k.Name, _ => new List<double[]>());
        for (var round = 0; round < bench.Settings.Rounds; round++)
        {
            foreach (var (name, loud, slow) in Kinds) rounds[name].Add(await QuietlyAsync(bench, () => OthersAsync(bench, load, rate, loud, slow, seconds, cancellation)));
        }

        foreach (var (name, _, _) in Kinds)
        {
            bench.Report.Add(Measure.Plain($"{name}: p99 of the other tenants, ms", Comparison.Median(rounds[name].Select(P99)), "F0"));
            if (name == "calm") continue;
            var ratio = Comparison.Median(rounds[name].Zip(rounds["calm"], (of, calm) => P99(of) / P99(calm)));
            bench.Report.Add(Measure.AtMost($"{name}: p99 of the other tenants / calm", ratio, MaxRatio));
        }

        var curves = Kinds.Select(k => new Series(k.Name, Percentiles.Curve([.. rounds[k.Name].SelectMany(r => r).Order()])));
        bench.Report.Add("neighbour", new Plot("What the other nine tenants feel", "percentile", "latency, ms", [.. curves]) { LogY = true });
    }

    private static double P99(double[] latencies) => Percentiles.Of(latencies, 0.99) ?? double.NaN;

    /// <summary>The run from which the host took least, of as many as it takes to have one from which it took little.</summary>
    private static async Task<double[]> QuietlyAsync(Bench bench, Func<Task<(ArmRun Run, double[] Latencies)>> run)
    {
        var best = await run();
        for (var again = 1; again < Tries && best.Run.StolenShare > MaxStolen; again++)
        {
            Bench.Say($"  once more: the host took {best.Run.StolenShare:P1} of the processors, {MaxStolen:P0} are let pass");
            var next = await run();
            if (next.Run.StolenShare < best.Run.StolenShare) best = next;
        }

        bench.Report.Add(best.Run);
        return best.Latencies;
    }

    /// <summary>Latencies of all tenants but the first, in order.</summary>
    private static async Task<(ArmRun Run, double[] Latencies)> OthersAsync(
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
        var worst = Enumerable.Range(0, conversationOf.Length).Where(n => conversationOf[n] % Tenants != 0 && tally.FirstAt[n] > 0)
            .OrderByDescending(n => writer.LatencyOf(tally, n)).Take(16).Order();
        Bench.Say("  slowest (ms at s): " + string.Join(' ', worst.Select(n => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{writer.LatencyOf(tally, n):F0}@{n / total:F1}"))));
        var latencies = writer.Latencies(tally, n => conversationOf[n] % Tenants != 0 && n > conversationOf.Length / 5);
        Bench.Say($"  {latencies.Length:N0} messages of the others counted, {latencies.Count(double.IsInfinity)} without a reply");
        return (run with { Bound = null, StoppedEarly = true }, latencies);
    }
}
