using System.Globalization;
using System.Text;
using Parley.Chaos.Hosts;
using Parley.Chaos.Report;

namespace Parley.Chaos.Mutants;

/// <summary>Runs with a mutant, each of which must fail.</summary>
internal static class MutantRuns
{
    private const int Tries = 3;

    /// <param name="By">The invariants that were broken; empty when the mutant got away.</param>
    internal sealed record Caught(IReadOnlyList<string> By, string Example, int Runs, TimeSpan Took);

    public static async Task<int> RunAsync(string name, int seed, string? folder, Action<string> say, CancellationToken cancellation)
    {
        var mutants = name == "all" ? MutantList.All : [.. name.Split(',').Select(MutantList.Find)];
        await using var servers = await Servers.StartAsync(1, cancellation);
        var rows = new List<(Mutant Mutant, Caught Caught)>();
        foreach (var mutant in mutants)
        {
            var caught = await CatchAsync(mutant, servers, seed, mutants.Count == 1 ? say : static _ => { }, cancellation);
            rows.Add((mutant, caught));
            say(string.Create(CultureInfo.InvariantCulture,
                $"{(caught.By.Count > 0 ? "caught" : "MISSED")}  {mutant.Name,-26} run {caught.Runs}, {caught.Took.TotalSeconds,3:F0} s: {string.Join(", ", caught.By)}"));
            if (caught.By.Count > 0) say($"          {caught.Example}");
        }

        if (folder is not null)
        {
            Directory.CreateDirectory(folder);
            await File.WriteAllTextAsync(Path.Combine(folder, "mutants.md"), Table(rows), cancellation);
        }

        var missed = rows.Count(r => r.Caught.By.Count == 0);
        say($"{rows.Count - missed} of {rows.Count} mutants caught");
        return missed == 0 ? 0 : 1;
    }

    public static async Task<Caught> CatchAsync(Mutant mutant, Servers servers, int seed, Action<string> say, CancellationToken cancellation)
    {
        RunReport? report = null;
        var took = TimeSpan.Zero;
        for (var run = 1; run <= Tries; run++)
        {
            report = await new ChaosRun(SettingsOf(mutant, seed + run - 1), servers, say).RunAsync(cancellation);
            foreach (var line in report.Lines()) say(line);
            took += report.Took;
            if (report.Violations.Count > 0)
            {
                return new Caught([.. report.Violations.Select(v => v.Invariant).Distinct()], report.Violations[0].What, run, took);
            }
        }

        return new Caught([], "", Tries, took);
    }

    private static RunSettings SettingsOf(Mutant mutant, int seed) => mutant.Shape(new RunSettings
    {
        Seed = seed, Mutant = mutant.Name, Load = TimeSpan.FromSeconds(15), Drain = TimeSpan.FromSeconds(15), Rate = 100, Tenants = 8, ConversationsPerTenant = 10,
        Ingests = 1, Dispatchers = 1, Faults = mutant.Aim,
    });

    private static string Table(List<(Mutant Mutant, Caught Caught)> rows)
    {
        var text = new StringBuilder();
        text.AppendLine("# Mutants").AppendLine();
        text.AppendLine("Each is the product with one mistake, run under faults aimed at it. Caught means that the checker failed the run.").AppendLine();
        text.AppendLine("| mutant | mistake | caught by | runs | seconds |").AppendLine("|---|---|---|---|---|");
        foreach (var (mutant, caught) in rows)
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {mutant.Name} | {mutant.What} | {(caught.By.Count > 0 ? string.Join("<br>", caught.By) : "**missed**")} | {caught.Runs} | {caught.Took.TotalSeconds:F0} |");
        }

        return text.ToString();
    }
}
