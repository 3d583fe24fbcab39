using Parley.LoadTest.Arms;
using Parley.LoadTest.Brokers;
using Parley.LoadTest.Measuring;
using Parley.LoadTest.Results;
using Parley.TestKit;

namespace Parley.LoadTest.Scenarios;

/// <summary>
/// The processor is killed with SIGKILL three times, at a quarter, half and three quarters of the way through a topic, and started again at once each time.
/// How far it is says the group: records of replies are repeated after a kill, so their number runs ahead.
/// </summary>
internal static class KillScenario
{
    private const int Kills = 3;
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(250);

    public static async Task RunAsync(Bench bench, CancellationToken cancellation)
    {
        var load = bench.Settings.Override(new Load
        {
            Records = 60_000, LatencyMs = 10, Permits = 256, Partitions = 1, Store = PostgresServer.Missing is null ? "postgresql" : "sqlite",
        });
        var (kills, askedAt) = (0, TimeSpan.Zero);
        var plan = new RunPlan
        {
            Limit = TimeSpan.FromSeconds(240),
            Quiet = TimeSpan.FromSeconds(2),
            UntilCommitted = true,
            Meanwhile = async state =>
            {
                if (kills == Kills || state.Elapsed - askedAt < AskEvery) return;
                askedAt = state.Elapsed;
                var done = await GroupProgress.CommittedAsync(bench.Broker.BootstrapServers, state.Group, Parley.Common.Records.Topics.Inbound, load.Partitions);
                if (done < load.Records * (kills + 1) / (Kills + 1)) return;
                kills++;
                Bench.Say($"  kill -9, number {kills}");
                await state.Arms.All[0].KillAndRestartAsync();
            },
        };
        var (run, tally) = await bench.RunAsync(ArmKind.Parley, await bench.SeedAsync(load, cancellation), plan, cancellation);
        bench.Report.Add(run);
        var bad = run.DuplicateReplies > 0 || run.OrderBreaks > 0;
        bench.Report.Add(new Measure(
            $"kill -9 {kills} times in {load.Records:N0} records ({load.Store}): lost / duplicate replies / order breaks",
            $"{run.Missing}{(run.StoppedEarly ? " not in time" : "")} / {run.DuplicateReplies} / {run.OrderBreaks}", "0 / 0 / 0",
            run.StoppedEarly && !bad ? null : kills == Kills && run.Missing == 0 && !bad));
        var parked = await EventCount.ReadAsync(bench.Broker.BootstrapServers, load.Partitions, Parley.Common.Records.EventNames.ConversationParked);
        bench.Report.Add(Measure.Plain("  conversations parked (their messages are kept, and count as lost above)", parked));
        bench.Report.Add(Measure.Plain("  reply records repeated under their old id (sent once by the ledger; no dispatcher settles them here)", tally.RepeatedRecords));
    }
}
