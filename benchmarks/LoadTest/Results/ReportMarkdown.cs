using System.Globalization;
using System.Text;

namespace Parley.LoadTest.Results;

/// <summary>Results as a page.</summary>
internal static class ReportMarkdown
{
    public static string Write(Report report)
    {
        var machine = report.Machine;
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"# Load test of {machine.At:yyyy-MM-dd HH:mm} UTC, commit {machine.Commit}\n\n");
        page.Append(CultureInfo.InvariantCulture, $"{machine.Processor}, {machine.Cores} cores, {machine.MemoryGibibytes} GiB; {machine.System}; {machine.Runtime}. ");
        page.Append(CultureInfo.InvariantCulture, $"Broker: {machine.Broker}, log on {machine.LogOn}, on the same cores{(machine.KeptAwake ? ", which were kept awake but for scenarios with a store on the disk" : "")}. Load average before: {machine.LoadBefore:F1}.\n\n");
        page.Append(Table(report.Measures)).Append('\n');
        if (report.Runs.Count > 0) page.Append(Runs(report)).Append('\n');
        foreach (var plot in report.Plots) page.Append(CultureInfo.InvariantCulture, $"![{plot}]({plot})\n\n");
        return page.ToString();
    }

    public static string Table(IReadOnlyList<Measure> measures)
    {
        var table = new StringBuilder("| measure | value | goal | holds |\n|---|---|---|---|\n");
        foreach (var m in measures)
        {
            var holds = m.Holds switch { true => "yes", false => "**no**", null => "" };
            table.Append(CultureInfo.InvariantCulture, $"| {m.Name} | {m.Value} | {m.Goal} | {holds} |\n");
        }

        return table.ToString();
    }

    private static string Runs(Report report)
    {
        var table = new StringBuilder("## Runs\n\n| arm | records | partitions | conversations | engine | permits | store | rate/s | of bound | CPU µs | broker CPU µs | stolen | MiB | missing | duplicate | repeated | order |\n");
        table.Append("|---|--:|--:|--:|--:|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
        foreach (var run in report.Runs)
        {
            var load = run.Load;
            var keys = load.Zipf > 0 ? FormattableString.Invariant($"{load.Conversations:N0}, Zipf {load.Zipf}") : FormattableString.Invariant($"{load.Conversations:N0}");
            table.Append(CultureInfo.InvariantCulture, $"| {run.Arm} | {load.Records:N0} | {load.Partitions} | {keys} | {load.LatencyMs} ms {load.Engine} | {load.Permits} | {load.Store} | ");
            table.Append(CultureInfo.InvariantCulture, $"{run.Rate:N0} | {run.Efficiency:F3} | {run.CpuMicroseconds:F0} | {run.BrokerCpuMicroseconds:F0} | {run.StolenShare:P1} | {run.PeakMebibytes:F0} | ");
            table.Append(CultureInfo.InvariantCulture, $"{(run.StoppedEarly ? "stopped" : run.Missing)} | {run.DuplicateReplies} | {run.RepeatedRecords} | {run.OrderBreaks} |\n");
        }

        return table.ToString();
    }
}
