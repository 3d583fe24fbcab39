using System.Globalization;
using System.Text;
using System.Text.Json;
using Parley.Chaos.Checking;

namespace Parley.Chaos.Report;

/// <summary>PASS, FAIL, or INVALID: the run did not meet what it was to be tested against, so it says nothing.</summary>
internal enum Verdict { Pass, Fail, Invalid }

/// <summary>What a run came to, as a table, as JSON, as Markdown and as a drawing.</summary>
internal sealed record RunReport(
    RunSettings Settings, string Commit, DateTimeOffset Began, TimeSpan Took, int Accepted, int Replied, Evidence Evidence,
    IReadOnlyDictionary<string, long> Counts, IReadOnlyList<Violation> Violations, IReadOnlyList<string> Missing, IReadOnlyList<Recovery> Recoveries)
{
    private const int ShownViolations = 5;
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public Verdict Verdict => Violations.Count > 0 ? Verdict.Fail : Missing.Count > 0 ? Verdict.Invalid : Verdict.Pass;

    public IEnumerable<string> Lines()
    {
        yield return string.Create(CultureInfo.InvariantCulture,
            $"seed {Settings.Seed}, {Settings.Nodes} broker(s), {Settings.GroupProtocol} groups, {Took.TotalSeconds:F0} s: {Accepted:N0} messages accepted, {Replied:N0} replies taken");
        yield return $"drained {(Evidence.Drained is { } time ? $"{time.TotalSeconds:F1} s after the last fault" : "not: " + Evidence.Left)}";
        foreach (var (name, count) in Counts.OrderBy(c => c.Key, StringComparer.Ordinal)) yield return $"  {count,7} {name}{(Settings.Faults.Required.Contains(name) ? " (required)" : "")}";
        foreach (var kind in Recoveries.GroupBy(r => r.Kind))
        {
            var times = kind.Select(r => r.Seconds).Order().ToList();
            yield return string.Create(CultureInfo.InvariantCulture, $"  recovery after {kind.Key}: median {Quantile(times, 0.5):F1} s, p90 {Quantile(times, 0.9):F1} s, max {times[^1]:F1} s of {times.Count}");
        }

        foreach (var invariant in Invariants.All)
        {
            var broken = Violations.Where(v => v.Invariant == invariant.Name).ToList();
            yield return $"  {(broken.Count == 0 ? "holds " : "BROKEN")} {invariant.Name}: {invariant.Statement}{(broken.Count > 0 ? $" ({broken.Count} breaches)" : "")}";
            foreach (var one in broken.Take(ShownViolations)) yield return $"           {one.What}";
        }

        foreach (var counter in Missing) yield return $"  never met: {counter}";
        yield return $"verdict: {Verdict.ToString().ToUpperInvariant()}";
    }

    /// <summary>report.json, report.md and recovery.svg.</summary>
    public void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "report.json"), JsonSerializer.Serialize(
            new
            {
                Verdict = Verdict.ToString().ToLowerInvariant(), Commit, Began, Seconds = Took.TotalSeconds, Settings = Settings with { Out = null }, Accepted, Replied,
                DrainedSeconds = Evidence.Drained?.TotalSeconds, Counts, Violations, Missing, Recoveries,
            },
            Json) + "\n");
        File.WriteAllText(Path.Combine(folder, "report.md"), Markdown());
        File.WriteAllText(Path.Combine(folder, "recovery.svg"), Histogram.Draw(Recoveries));
    }

    private string Markdown()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"# Chaos run: {Verdict.ToString().ToUpperInvariant()}").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"Commit {Commit}, {Began:yyyy-MM-dd HH:mm} UTC, {Environment.ProcessorCount} cores. How to read it: docs/testing.md.").AppendLine();
        text.AppendLine("```");
        foreach (var line in Lines()) text.AppendLine(line);
        text.AppendLine("```").AppendLine();
        text.AppendLine("![Time from a fault to the next progress of its victim's work](recovery.svg)");
        return text.ToString();
    }

    private static double Quantile(List<double> sorted, double q) => sorted[(int)Math.Min(sorted.Count - 1, Math.Floor(q * sorted.Count))];
}
