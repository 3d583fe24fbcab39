using System.Globalization;

namespace Parley.LoadTest.Measuring;

/// <summary>What processes and their children have used, as <c>/proc</c> has it.</summary>
/// <param name="Cpu">User and system time.</param>
/// <param name="ResidentBytes">Memory that is in use now.</param>
internal readonly record struct ProcessUse(TimeSpan Cpu, long ResidentBytes)
{
    // USER_HZ is 100 on every Linux that .NET runs on.
    private const double TicksPerSecond = 100;

    public static ProcessUse Of(IEnumerable<int> processes)
    {
        var (cpu, resident) = (0.0, 0L);
        foreach (var process in processes.SelectMany(Tree))
        {
            if (Read($"/proc/{process}/stat") is not { } stat) continue;

            // The program's name stands in brackets and may hold anything; the fields after it are counted.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            cpu += (Number(fields[11]) + Number(fields[12])) / TicksPerSecond;
            resident += (long)Number(fields[21]) * Environment.SystemPageSize;
        }

        return new ProcessUse(TimeSpan.FromSeconds(cpu), resident);
    }

    /// <summary>A process and all that descend from it.</summary>
    public static IEnumerable<int> Tree(int root)
    {
        yield return root;
        var children = Read($"/proc/{root}/task/{root}/children") ?? "";
        foreach (var child in children.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(c => int.Parse(c, CultureInfo.InvariantCulture)))
        {
            foreach (var process in Tree(child)) yield return process;
        }
    }

    /// <summary>
    /// Processor time that the machine wanted since its start and its host gave to others; "steal" in <c>/proc/stat</c> (proc_stat(5)). Zero on
    /// real hardware.
    /// </summary>
    public static TimeSpan Stolen()
    {
        var fields = (Read("/proc/stat") ?? "").Split('\n')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 8 ? TimeSpan.FromSeconds(Number(fields[8]) / TicksPerSecond) : TimeSpan.Zero;
    }

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has just ended.
            return null;
        }
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
