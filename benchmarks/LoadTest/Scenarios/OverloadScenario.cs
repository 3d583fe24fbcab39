using System.Diagnostics;
using System.Globalization;
using Parley.LoadTest.Arms;
using Parley.LoadTest.Brokers;
using Parley.LoadTest.Measuring;
using Parley.LoadTest.Results;
using Parley.TestKit.Plots;

namespace Parley.LoadTest.Scenarios;

/// <summary>Ten times more comes in than the engine can take, until half a million records wait; then the engine gets quick and all is worked off.</summary>
internal static class OverloadScenario
{
    private const int Backlog = 500_000;
    private const double MaxMebibytes = 400;
    private const double MaxGrowth = 1.15;
    private static readonly TimeSpan Normal = TimeSpan.FromSeconds(10);

    /// <summary>How long the whole backlog stands and the engine stays slow: what grows with time and not with the backlog shows here.</summary>
    private static readonly TimeSpan Full = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan LongFull = TimeSpan.FromSeconds(90);

    public static async Task RunAsync(Bench bench, CancellationToken cancellation)
    {
        var load = bench.Settings.Override(new Load { LatencyMs = 100, Permits = 256, Partitions = 12, Records = Backlog + 120_000 });
        var capacity = load.EngineBound;
        var seeded = await bench.PlanAsync(load, cancellation);
        var writer = new OpenLoop(seeded, bench.Broker.BootstrapServers);
        var clock = Stopwatch.StartNew();
        using var http = new HttpClient();
        var track = new List<(double At, double Mebibytes, double Backlog, Phase Phase)>();
        var (phase, rate, until) = (Phase.Starting, capacity / 2, TimeSpan.Zero);
        Task? writing = null;
        var plan = new RunPlan
        {
            Limit = TimeSpan.FromSeconds(bench.Settings.Long ? 600 : 150),
            Enough = () => phase == Phase.After && clock.Elapsed > until,
            Meanwhile = async state =>
            {
                var waiting = writer.Written - state.Replies;
                track.Add((clock.Elapsed.TotalSeconds, state.ResidentBytes / 1048576.0, waiting, phase));
                switch (phase)
                {
                    case Phase.Starting when await Listening.IsReadyAsync(http, state.Arms.All[0].Port, cancellation):
                        writing = writer.WriteAsync(() => Volatile.Read(ref rate), cancellation);
                        (phase, until) = (Phase.Normal, clock.Elapsed + Normal);
                        break;
                    case Phase.Normal when clock.Elapsed > until:
                        (phase, rate) = (Phase.Overload, 10 * capacity);
                        Bench.Say($"  now {rate:N0}/s come in, {capacity:N0}/s can go out");
                        break;
                    case Phase.Overload when waiting >= Math.Min(Backlog, load.Records * 0.8) || writing!.IsCompleted:
                        (phase, rate, until) = (Phase.Full, 0, clock.Elapsed + (bench.Settings.Long ? LongFull : Full));
                        Bench.Say($"  {waiting:N0} records wait");
                        break;
                    case Phase.Full when clock.Elapsed > until:
                        phase = Phase.Draining;
                        await http.PostAsync(new Uri($"http://127.0.0.1:{state.Arms.All[0].Port}/bench/latency?ms=0"), null, cancellation);
                        break;
                    case Phase.Draining when waiting <= 0:
                        (phase, until) = (Phase.After, clock.Elapsed + TimeSpan.FromSeconds(5));
                        break;
                }
            },
        };
        var (run, tally) = await bench.RunAsync(ArmKind.Parley, seeded, plan, cancellation);
        if (writing is not null) await writing;
        bench.Report.Add(run with { Bound = null });
        Judge(bench, track, writer.Written - tally.Answered, tally);
    }

    private static void Judge(Bench bench, List<(double At, double Mebibytes, double Backlog, Phase Phase)> track, int left, ReplyTally tally)
    {
        // From where the buffers are full: what is flat after that stays flat.
        var full = track.Where(t => t.Phase is Phase.Overload or Phase.Full && t.Backlog > Backlog / 10).ToList();
        var third = Math.Max(1, full.Count / 3);
        var growth = full.Count < 6 ? (double?)null : full[^third..].Average(t => t.Mebibytes) / full[..third].Average(t => t.Mebibytes);
        var peak = track.Max(t => t.Mebibytes);
        var most = track.Max(t => t.Backlog);
        bench.Report.Add(new Measure(
            $"memory under 10x overload with a backlog of {most:N0}",
            $"peak {peak:F0} MiB, {(growth is { } g ? $"{(g - 1) * 100:+0;-0;0} %" : "too short to tell")} from the first third of the overload to the last".ToString(CultureInfo.InvariantCulture),
            $"flat (≤ +{(MaxGrowth - 1) * 100:F0} %), ≤ {MaxMebibytes:F0} MiB", growth is { } found ? found <= MaxGrowth && peak <= MaxMebibytes && most >= Backlog * 0.8 : null));
        var normal = track.Where(t => t.Phase == Phase.Normal).Select(t => t.Mebibytes).DefaultIfEmpty().Max();
        var after = track.Where(t => t.Phase == Phase.After).Select(t => t.Mebibytes).DefaultIfEmpty(double.NaN).Last();
        bench.Report.Add(new Measure("  memory before and after the overload", $"{normal:F0} and {after:F0} MiB", "", null));
        bench.Report.Add(new Measure("  records of the overload without a reply when it was over", $"{left:N0}", double.IsNaN(after) ? "" : "0", double.IsNaN(after) ? null : left == 0));
        bench.Report.Add("overload-memory", new Plot("Memory of the processor under ten times the load it can take", "seconds", "MiB resident", [
            new Series("resident memory", [.. track.Select(t => (t.At, t.Mebibytes))]),
            new Series($"limit, {MaxMebibytes:F0} MiB", [(track[0].At, MaxMebibytes), (track[^1].At, MaxMebibytes)], Dashed: true)]) { Bands = Bands(track) });
        bench.Report.Add("overload-backlog", new Plot("Records that wait", "seconds", "records", [
            new Series("backlog", [.. track.Select(t => (t.At, Math.Max(0, t.Backlog)))])]) { Bands = Bands(track) });
    }

    private static List<Band> Bands(List<(double At, double Mebibytes, double Backlog, Phase Phase)> track)
    {
        var over = track.Where(t => t.Phase == Phase.Overload).ToList();
        return over.Count == 0 ? [] : [new Band(over[0].At, over[^1].At, "10x in")];
    }

    private enum Phase { Starting, Normal, Overload, Full, Draining, After }
}
