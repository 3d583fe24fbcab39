namespace Parley.Chaos.Checking;

/// <summary>R1. Memory is bounded, whatever the backlog.</summary>
internal static class Resources
{
    public const long LimitKilobytes = 500 * 1024;

    public static IEnumerable<string> Breaches(Evidence evidence) => evidence.Memory
        .GroupBy(m => m.Actor).Select(g => g.MaxBy(m => m.ResidentKilobytes)!).Where(m => m.ResidentKilobytes > LimitKilobytes)
        .Select(m => $"{m.Actor} had {m.ResidentKilobytes / 1024} MiB resident");
}
