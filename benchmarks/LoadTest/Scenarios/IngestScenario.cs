using System.Diagnostics;
using Parley.Common.Records;
using Parley.LoadTest.Arms;
using Parley.LoadTest.Brokers;
using Parley.LoadTest.Http;
using Parley.LoadTest.Results;
using Parley.TestKit;

namespace Parley.LoadTest.Scenarios;

/// <summary>Webhooks accepted a second: Parley's host beside a bare web server that produces what it is sent.</summary>
internal static class IngestScenario
{
    private const int Connections = 64;

    public static async Task RunAsync(Bench bench, CancellationToken cancellation)
    {
        var count = bench.Settings.Override(new Load { Records = bench.Settings.Long ? 200_000 : 180_000 }).Records;
        var requests = WebhookRequests.Make(count, 10_000);
        var rates = new Dictionary<string, List<(double Rate, double Cpu)>> { [ArmKind.Ingest] = [], [ArmKind.Kestrel] = [] };
        for (var round = 0; round < bench.Settings.Rounds; round++)
        {
            foreach (var arm in rates.Keys) rates[arm].Add(await RunAsync(bench, arm, requests, cancellation));
        }

        var (ours, bare) = (Comparison.Median(rates[ArmKind.Ingest].Select(r => r.Rate)), Comparison.Median(rates[ArmKind.Kestrel].Select(r => r.Rate)));
        bench.Report.Add(Measure.AtLeast("ingest: accepted webhooks/s / bare Kestrel + produce", ours / bare, 0.8));
        foreach (var (arm, found) in rates)
        {
            bench.Report.Add(new Measure($"  {arm}: webhooks/s; CPU of the host for one", $"{Comparison.Median(found.Select(r => r.Rate)):N0}; {Comparison.Median(found.Select(r => r.Cpu)):F0} µs", "", null));
        }
    }

    private static async Task<(double Rate, double Cpu)> RunAsync(Bench bench, string arm, byte[][] requests, CancellationToken cancellation)
    {
        const int partitions = 12;
        await bench.PlanAsync(new Load { Records = 1, Partitions = partitions }, cancellation);
        await using var host = ArmProcess.Start(arm, new ArmSettings
        {
            Bootstrap = bench.Broker.BootstrapServers, Topic = Topics.Inbound, Replies = "", Group = "", Concurrency = 1, ChannelAddress = "http://127.0.0.1:9", Port = FreePort.Take(),
        });
        await Listening.AwaitAsync(host.Port, host, cancellation);

        // The first third warms up the host: a third of its processor time goes to its compiler until then.
        var warm = requests.Length / 3;
        await new HttpLoad(requests[..warm], host.Port, Connections).RunAsync(0, cancellation);
        var http = new HttpLoad(requests[warm..], host.Port, Connections);
        using var ends = new Ends(bench.Broker.BootstrapServers, Topics.Inbound, partitions);
        var before = (await ends.ReadAsync()).Sum();
        var (cpu, clock) = (host.Use().Cpu, Stopwatch.StartNew());
        await http.RunAsync(0, cancellation).WaitAsync(TimeSpan.FromMinutes(3), cancellation);
        var (rate, used) = (http.Accepted / clock.Elapsed.TotalSeconds, host.Use().Cpu - cpu);
        var written = (await ends.ReadAsync()).Sum() - before;
        Bench.Say($"{arm}: {rate:N0} accepted a second, {used.TotalMicroseconds / Math.Max(1, http.Accepted):F0} µs CPU each; refused {http.Refused}, records {written:N0} of {http.Accepted:N0}");
        if (written < http.Accepted || http.Refused > 0)
        {
            bench.Report.Add(new Measure($"{arm}: accepted webhooks without a record / refused", $"{http.Accepted - written} / {http.Refused}", "0 / 0", false));
        }

        return (rate, used.TotalMicroseconds / Math.Max(1, http.Accepted));
    }
}
