namespace Parley.LoadTest.Measuring;

internal static class Percentiles
{
    /// <summary>The value that this share of sorted values does not exceed; null of none.</summary>
    public static double? Of(IReadOnlyList<double> sorted, double share) =>
        sorted.Count == 0 ? null : sorted[Math.Clamp((int)Math.Ceiling(sorted.Count * share) - 1, 0, sorted.Count - 1)];
}
