using System.Globalization;
using System.Runtime.InteropServices;
using Parley.TestKit;

namespace Parley.LoadTest.Results;

/// <summary>What the numbers were measured on.</summary>
internal sealed record Machine(string Processor, int Cores, double MemoryGibibytes, string System, string Runtime, string Commit, DateTime At, string Broker, string LogOn, bool KeptAwake, double LoadBefore)
{
    public string Short => FormattableString.Invariant($"{Cores} cores, {Broker}, commit {Commit}, {At:yyyy-MM-dd}");

    public static async Task<Machine> DescribeAsync(string broker, bool inMemory, bool keptAwake, CancellationToken cancellation)
    {
        var processor = Line("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString();
        var kibibytes = Line("/proc/meminfo", "MemTotal")?.Split(' ')[0];
        var load = File.Exists("/proc/loadavg") ? double.Parse((await File.ReadAllTextAsync("/proc/loadavg", cancellation)).Split(' ')[0], CultureInfo.InvariantCulture) : 0;
        return new Machine(
            processor, Environment.ProcessorCount, Math.Round(double.Parse(kibibytes ?? "0", CultureInfo.InvariantCulture) / (1 << 20), 1),
            RuntimeInformation.OSDescription, RuntimeInformation.FrameworkDescription, await CommitAsync(cancellation), DateTime.UtcNow, broker,
            inMemory ? "memory" : "disk", keptAwake, load);
    }

    private static string? Line(string file, string name) => !File.Exists(file) ? null
        : File.ReadLines(file).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim();

    private static async Task<string> CommitAsync(CancellationToken cancellation)
    {
        if (ChildProcess.Find("git") is null) return "unknown";
        await using var git = ChildProcess.Start("git", ["-C", Repository.Root, "rev-parse", "--short=8", "HEAD"]);
        if (await git.WaitAsync(cancellation) != 0) return "unknown";
        await Eventually.True(() => git.Output.Length > 0, cancellation);
        return git.Output.Trim();
    }
}
