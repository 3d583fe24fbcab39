using System.Diagnostics;
using Confluent.Kafka;
using Parley.Common.Records;
using Parley.LoadTest.Arms;
using Parley.LoadTest.Brokers;
using Parley.LoadTest.Http;
using Parley.LoadTest.Measuring;
using Parley.LoadTest.Results;
using Parley.TestKit;
using Parley.TestKit.Plots;

namespace Parley.LoadTest.Scenarios;

/// <summary>
/// What Parley adds between a webhook and the call of the channel, at a steady rate, beside the least that anything over Kafka takes: produce,
/// consume, produce, consume, with the same clients and nothing between. Both from the intended times.
/// </summary>
/// <remarks>
/// In the bare way a record lingers for 2 ms, as Parley's did while the goals were set; what it takes without that, as Parley's now, is told beside it.
/// </remarks>
internal static class LatencyScenario
{
    private const int Connections = 64;

    /// <summary>Messages before the first that counts: three new processes compile for half a minute, the client that the bare way consists of does not.</summary>
    private static int WarmUp(Bench bench) => bench.Settings.Long ? 30_000 : 8_000;

    public static async Task RunAsync(Bench bench, CancellationToken cancellation)
    {
        var rate = bench.Settings.Rate ?? 500;
        var seconds = bench.Settings.Seconds ?? (bench.Settings.Long ? 60 : 15);
        var load = bench.Settings.Override(new Load
        {
            Records = (int)(rate * seconds), Partitions = 12, Conversations = 2_000, Store = PostgresServer.Missing is null ? "postgresql" : "sqlite",
        });
        var (ours, bare, bareAtOnce) = (new List<double[]>(), new List<double[]>(), new List<double[]>());
        for (var round = 0; round < bench.Settings.Rounds; round++)
        {
            bare.Add(await BareAsync(bench, load, rate, Clients.LingerMs, cancellation));
            bareAtOnce.Add(await BareAsync(bench, load, rate, 0, cancellation));
            ours.Add(await ParleyAsync(bench, load, rate, cancellation));
        }

        foreach (var (share, name, goal) in ((double, string, double)[])[(0.5, "p50", 1.5), (0.99, "p99", 3)])
        {
            var (our, their) = (Median(ours, share), Median(bare, share));
            bench.Report.Add(Measure.AtMost($"added latency webhook → channel call at {rate:N0}/s ({load.Store}) / bare four-hop produce-consume: {name}", our / their, goal));
            bench.Report.Add(new Measure($"  {name}, ms; bare; bare without a linger", $"{our:F1} / {their:F1} / {Median(bareAtOnce, share):F1}", "", null));
        }

        bench.Report.Add("latency", new Plot($"From intended time to channel call at {rate:N0} messages a second", "percentile", "ms", [
            new Series("webhook → channel call", Percentiles.Curve(ours[^1])), new Series("produce-consume twice", Percentiles.Curve(bare[^1]))]) { LogY = true });
    }

    private static async Task<double[]> ParleyAsync(Bench bench, Load load, double rate, CancellationToken cancellation)
    {
        var warmUp = WarmUp(bench);
        var total = warmUp + load.Records;
        var requests = WebhookRequests.Make(total, load.Conversations);
        await using var pipeline = await Pipeline.StartAsync(bench, load, total, cancellation);
        await pipeline.WarmUpAsync(requests[..warmUp], cancellation);
        var http = new HttpLoad(requests[warmUp..], pipeline.Port, Connections);
        await http.RunAsync(rate, cancellation);
        var clock = Stopwatch.StartNew();
        while (pipeline.Channel.Arrived < total && clock.Elapsed < TimeSpan.FromSeconds(20)) await Task.Delay(100, cancellation);
        bench.Report.Add(new Measure(
            "  latency run: refused / without a reply / sent twice",
            $"{http.Refused} / {Math.Max(0, total - http.Refused - pipeline.Channel.Arrived)} / {pipeline.Channel.Repeated}", "any / 0 / 0",
            pipeline.Channel.Arrived >= total - http.Refused && pipeline.Channel.Repeated == 0));
        return Latencies(load.Records, http.IntendedAt, number => pipeline.Channel.ArrivedAt(number + warmUp));
    }

    private static async Task<double[]> BareAsync(Bench bench, Load load, double rate, double lingerMs, CancellationToken cancellation)
    {
        var seeded = await bench.PlanAsync(load, cancellation);
        var settings = new ArmSettings
        {
            Bootstrap = bench.Broker.BootstrapServers, Topic = Topics.Inbound, Replies = BenchBroker.Replies, Group = $"bare-{Guid.NewGuid():N}",
            Partitions = load.Partitions, Records = load.Records, LingerMs = lingerMs,
        };
        await using var relay = ArmProcess.Start(ArmKind.Raw, settings);
        var arrived = new long[load.Records];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var reading = Task.Factory.StartNew(() => Read(settings with { Topic = BenchBroker.Replies, Group = $"end-{Guid.NewGuid():N}" }, arrived, stop.Token), TaskCreationOptions.LongRunning);

        // Until both consumers have joined and everything is warm.
        var warm = new OpenLoop(seeded, bench.Broker.BootstrapServers, lingerMs);
        var (began, warming) = (Stopwatch.StartNew(), true);
        var warmUp = warm.WriteAsync(() => warming ? 50 : 0, cancellation);
        while (arrived.Count(t => t > 0) < 20 && began.Elapsed < TimeSpan.FromSeconds(30)) await Task.Delay(100, cancellation);
        warming = false;
        await warmUp;
        await Task.Delay(300, cancellation);
        Array.Clear(arrived);

        var writer = new OpenLoop(seeded, bench.Broker.BootstrapServers, lingerMs);
        await writer.WriteAsync(() => rate, cancellation);
        began.Restart();
        while (arrived.Any(t => t == 0) && began.Elapsed < TimeSpan.FromSeconds(10)) await Task.Delay(50, cancellation);
        await stop.CancelAsync();
        await reading;
        return Latencies(load.Records, writer.IntendedAt, n => arrived[n]);
    }

    private static void Read(ArmSettings settings, long[] arrived, CancellationToken cancellation)
    {
        using var consumer = Clients.Consumer(settings);
        consumer.Subscribe(settings.Topic);
        while (!cancellation.IsCancellationRequested)
        {
            if (consumer.Consume(50) is not { } record) continue;
            var at = record.Message.Value.AsSpan().IndexOf("\"message_id\":\"m"u8);
            var number = at < 0 ? -1 : WebhookRequests.Find(record.Message.Value.AsSpan(at + 14));
            if (number >= 0) Interlocked.CompareExchange(ref arrived[number], Stopwatch.GetTimestamp(), 0);
        }
    }

    private static double[] Latencies(int count, Func<int, long> intended, Func<int, long> arrived) =>
        [.. Enumerable.Range(count / 10, count - (count / 10)).Where(n => arrived(n) > 0).Select(n => Stopwatch.GetElapsedTime(intended(n), arrived(n)).TotalMilliseconds).Order()];

    private static double? Median(List<double[]> rounds, double share) => Comparison.Median(rounds.Select(r => Percentiles.Of(r, share) ?? double.NaN));
}
