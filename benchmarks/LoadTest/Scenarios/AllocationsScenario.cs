using Parley.LoadTest.Results;
using Parley.TestKit;

namespace Parley.LoadTest.Scenarios;

/// <summary>The allocation budgets of the microbenchmarks, which stand beside this program when it was built with them.</summary>
internal static class AllocationsScenario
{
    public static async Task RunAsync(Bench bench, CancellationToken cancellation)
    {
        var program = Path.Combine(Repository.Root, "artifacts", "bin", "Microbenchmarks", "release", "Parley.Microbenchmarks");
        if (!File.Exists(program)) throw new BenchException("the microbenchmarks are not built; ./bench builds them");
        await using var child = ChildProcess.Start(program, ["allocations"]);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(TimeSpan.FromMinutes(2));
        var exitCode = await child.WaitAsync(late.Token);
        await Eventually.True(() => child.Output.Contains("within their budget", StringComparison.Ordinal) || exitCode > 1, cancellation);
        Console.Write(child.Output);
        var summary = child.Output.TrimEnd().Split('\n')[^1];
        bench.Report.Add(new Measure("allocated bytes per message per step", summary, "each within its budget", exitCode == 0));
    }
}
