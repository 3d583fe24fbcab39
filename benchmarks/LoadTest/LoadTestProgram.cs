using System.Runtime.InteropServices;
using Parley.LoadTest.Brokers;
using Parley.LoadTest.Measuring;
using Parley.LoadTest.Results;
using Parley.LoadTest.Scenarios;
using Parley.TestKit;

namespace Parley.LoadTest;

/// <summary>Runs scenarios and writes what they found.</summary>
internal static class LoadTestProgram
{
    /// <returns>0 when every goal that was measured holds, 1 when one does not, 130 when it was interrupted.</returns>
    public static async Task<int> RunAsync(BenchSettings settings)
    {
        if (settings.List)
        {
            foreach (var known in AllScenarios.All) Console.WriteLine($"{known.Name,-16} {known.About}{(known.InTable ? " [table]" : "")}");
            return 0;
        }

        var chosen = settings.Scenarios.Count > 0 ? [.. settings.Scenarios.Select(AllScenarios.Find)] : AllScenarios.All.Where(s => s.InTable).ToList();
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Cancel(context, stop));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Cancel(context, stop));
        try
        {
            return await RunAsync(settings, chosen, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Bench.Say("interrupted");
            return 130;
        }
    }

    private static async Task<int> RunAsync(BenchSettings settings, List<Scenario> scenarios, CancellationToken cancellation)
    {
        await using var broker = await BenchBroker.StartAsync(settings.Embedded, cancellation);
        var machine = await Machine.DescribeAsync(broker.Name, broker.IsEmbedded || MemoryFolder.IsThere, settings.KeepAwake && scenarios.Any(s => !s.OnDisk), cancellation);
        var folder = settings.OutFolder ?? Path.Combine(Repository.Root, "benchmarks", "results", $"{machine.At:yyyy-MM-dd}-{machine.Commit}");
        var report = new Report(folder, machine);
        await using var bench = new Bench(settings, broker, report);
        var failed = false;
        foreach (var scenario in scenarios)
        {
            Bench.Say($"== {scenario.Name}: {scenario.About}");
            await using var awake = settings.KeepAwake && !scenario.OnDisk && settings.Override(new Load()).Store == "none" ? Awake.Start() : null;
            try
            {
                await scenario.RunAsync(bench, cancellation);
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
            {
                // The other scenarios stand on their own; what failed is in the table and in the exit code.
                Console.Error.WriteLine(e is BenchException ? e.Message : e.ToString());
                report.Add(new Measure(scenario.Name, "could not be measured: " + e.Message.Split('\n')[0], "", false));
                failed = true;
            }

            report.Write(settings.JsonFile);
        }

        Console.WriteLine();
        Console.WriteLine(ReportMarkdown.Table(report.Measures));
        Console.WriteLine($"results: {Path.GetRelativePath(Environment.CurrentDirectory, folder)}");
        return failed || report.Measures.Any(m => m.Holds == false) ? 1 : 0;
    }

    private static void Cancel(PosixSignalContext context, CancellationTokenSource stop)
    {
        context.Cancel = true;
        stop.Cancel();
    }
}
