using System.Diagnostics;
using Parley.LoadTest.Arms;
using Parley.LoadTest.Http;
using Parley.LoadTest.Measuring;
using Parley.LoadTest.Results;
using Parley.TestKit;

namespace Parley.LoadTest.Scenarios;

/// <summary>Everything with a real store: the processor alone, and all three hosts from webhook to channel call.</summary>
internal static class PipelineScenario
{
    private const double Goal = 5_000;
    private const int Connections = 64;

    public static async Task RunAsync(Bench bench, CancellationToken cancellation)
    {
        if (PostgresServer.Missing is { } missing) throw new BenchException(missing);
        var load = new Load { Records = bench.Settings.Long ? 200_000 : 60_000, Partitions = 12, Store = "postgresql" };
        var found = await bench.CompareAsync(load, [ArmKind.Parley], cancellation);
        bench.Report.Add(Measure.AtLeast("processor, PostgreSQL, engine 0 ms (record → engine → commit → reply): turns/s", found.Rate(ArmKind.Parley), Goal, "N0"));
        await WholeAsync(bench, bench.Settings.Override(load with { Records = bench.Settings.Long ? 100_000 : 20_000 }), cancellation);
    }

    private static async Task WholeAsync(Bench bench, Load load, CancellationToken cancellation)
    {
        var warmUp = bench.Settings.Long ? 20_000 : 4_000;
        var total = warmUp + load.Records;
        var requests = WebhookRequests.Make(total, load.Conversations);
        await using var pipeline = await Pipeline.StartAsync(bench, load, total, cancellation);
        await pipeline.WarmUpAsync(requests[..warmUp], cancellation);
        var http = new HttpLoad(requests[warmUp..], pipeline.Port, Connections);
        var cpu = pipeline.Cpu;
        var started = Stopwatch.GetTimestamp();
        var sending = http.RunAsync(rate: 0, cancellation);
        var limit = TimeSpan.FromSeconds(bench.Settings.Long ? 300 : 60);
        while ((!sending.IsCompleted || pipeline.Channel.Arrived < warmUp + http.Accepted) && Stopwatch.GetElapsedTime(started) < limit && !pipeline.HasFailed)
        {
            await Task.Delay(1_000, cancellation);
            Bench.Say($"  {http.Accepted:N0} webhooks accepted, {pipeline.Channel.Arrived:N0} replies at the channel");
        }

        await sending;
        var arrived = Enumerable.Range(warmUp, load.Records).Select(pipeline.Channel.ArrivedAt).Where(t => t > 0).Order().ToList();
        var first = arrived.Count / 10;
        var rate = arrived.Count > first + 1 ? (arrived.Count - 1 - first) / Stopwatch.GetElapsedTime(arrived[first], arrived[^1]).TotalSeconds : 0;
        bench.Report.Add(Measure.AtLeast("whole pipeline, PostgreSQL, engine 0 ms (webhook → channel call): turns/s", rate, Goal, "N0"));
        // Webhooks come in as fast as they are taken, and replies wait meanwhile: the rate above is that of a backlog which is being worked off, this one of the whole.
        var whole = arrived.Count == 0 ? 0 : arrived.Count / Stopwatch.GetElapsedTime(started, arrived[^1]).TotalSeconds;
        bench.Report.Add(Measure.Plain("  from the first webhook to the last channel call: turns/s", whole, "N0"));
        bench.Report.Add(Measure.Plain("  CPU of the three hosts for a message, µs", (pipeline.Cpu - cpu).TotalMicroseconds / Math.Max(1, arrived.Count), "F0"));
        // What was refused may be taken all the same, and is the sender's to repeat; what was accepted must arrive.
        var missing = Enumerable.Range(0, load.Records).Count(n => http.IsAccepted(n) && pipeline.Channel.ArrivedAt(n + warmUp) == 0);
        var inTime = Stopwatch.GetElapsedTime(started) <= limit;
        bench.Report.Add(new Measure(
            "  accepted without a reply / sent twice", $"{missing}{(inTime ? "" : " not in time")} / {pipeline.Channel.Repeated}", "0 / 0",
            missing > 0 && !inTime && pipeline.Channel.Repeated == 0 ? null : missing == 0 && pipeline.Channel.Repeated == 0));
        if (http.Refused > 0) bench.Report.Add(Measure.Plain("  webhooks refused with 503", http.Refused));
    }
}
