namespace Parley.LoadTest.Measuring;

internal static class Percentiles
{
    /// <summary>The value that this share of sorted values does not exceed; null of none.</summary>
    public static double? Of(IReadOnlyList<double> sorted, double share) =>
        sorted.Count == 0 ? null : sorted[Math.Clamp((int)Math.Ceiling(sorted.Count * share) - 1, 0, sorted.Count - 1)];

    /// <summary>The curve from the first percentile to the last finite one, for a plot.</summary>
    public static IReadOnlyList<(double X, double Y)> Curve(IReadOnlyList<double> sorted) =>
        [.. Enumerable.Range(1, 999).Select(p => (p / 10.0, Of(sorted, p / 1000.0) ?? 0)).Where(p => double.IsFinite(p.Item2)).Select(p => (p.Item1, Math.Max(0.1, p.Item2)))];
}
