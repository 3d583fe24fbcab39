using Parley.LoadTest.Arms;
using Parley.LoadTest.Measuring;
using Parley.LoadTest.Results;
using Parley.TestKit;

namespace Parley.LoadTest.Scenarios;

/// <summary>The processor is killed with SIGKILL three times while it works off a topic, and started again at once each time.</summary>
internal static class KillScenario
{
    private const int Kills = 3;

    public static async Task RunAsync(Bench bench, CancellationToken cancellation)
    {
        var load = bench.Settings.Override(new Load
        {
            Records = 60_000, LatencyMs = 10, Permits = 256, Partitions = 1, Store = PostgresServer.Missing is null ? "postgresql" : "sqlite",
        });
        await KillAsync(bench, ArmKind.Parley, load, cancellation);
        if (bench.Settings.Long && OutsideArm.FindParallelConsumer(out _) is not null) await KillAsync(bench, ArmKind.ParallelConsumer, load, cancellation);
    }

    private static async Task KillAsync(Bench bench, string arm, Load load, CancellationToken cancellation)
    {
        var kills = 0;
        var plan = new RunPlan
        {
            Limit = TimeSpan.FromSeconds(240),
            Quiet = TimeSpan.FromSeconds(3),
            Meanwhile = async state =>
            {
                if (kills == Kills || state.Replies < load.Records * (kills + 1) / (Kills + 1)) return;
                kills++;
                Bench.Say($"  kill -9, number {kills}");
                await state.Arms.All[0].KillAndRestartAsync();
            },
        };
        var (run, _) = await bench.RunAsync(arm, await bench.SeedAsync(load, cancellation), plan, cancellation);
        if (arm == ArmKind.Parley) bench.Report.Add(run);
        var who = arm == ArmKind.Parley ? "" : $"  the same, {arm}: ";
        var lost = run.StoppedEarly ? $"{run.Missing} not answered in time" : $"{run.Missing}";
        bench.Report.Add(new Measure(
            $"{who}kill -9 {kills} times in {load.Records:N0} records ({load.Store}): lost / duplicate replies / order breaks",
            $"{lost} / {run.DuplicateReplies} / {run.OrderBreaks}", "0 / 0 / 0",
            arm == ArmKind.Parley ? kills == Kills && run is { Missing: 0, DuplicateReplies: 0, OrderBreaks: 0 } : null));
        bench.Report.Add(Measure.Plain($"{who}  reply records repeated under their old id (sent once by the ledger)", run.RepeatedRecords));
    }
}
