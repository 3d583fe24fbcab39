using Parley.LoadTest.Measuring;
using Parley.TestKit.Plots;

namespace Parley.LoadTest;

/// <summary>The runs of several arms on one load.</summary>
internal sealed record Comparison(Load Load, IReadOnlyList<ArmRun> Runs)
{
    /// <summary>The median rate of an arm; null when it did not run.</summary>
    public double? Rate(string arm) => Median(Of(arm).Select(r => r.Rate));

    /// <summary>The median share of what engine and order allow.</summary>
    public double? Efficiency(string arm) => Median(Of(arm).Select(r => r.Efficiency ?? double.NaN));

    /// <summary>How many times an arm's rate another's is, by the medians.</summary>
    public double? Ratio(string arm, string other) => Rate(arm) / Rate(other);

    /// <summary>The newest run of each arm over time, and what engine and order allow.</summary>
    public Plot ToPlot(string title)
    {
        var newest = Runs.GroupBy(r => r.Arm).Select(g => g.Last()).Where(r => r.RateOverTime.Count > 1).ToList();
        var series = newest.Select(r => new Series(r.Arm, r.RateOverTime)).ToList();
        if (newest.FirstOrDefault(r => r.Bound is not null)?.Bound is { } bound)
        {
            series.Add(new Series("engine and order allow", [(0, bound), (newest.Max(r => r.RateOverTime[^1].Seconds), bound)], Dashed: true));
        }

        return new Plot(title, "seconds since the first reply", "replies/s", series);
    }

    public static double? Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        if (sorted.Count == 0) return null;
        return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2;
    }

    private IEnumerable<ArmRun> Of(string arm) => Runs.Where(r => r.Arm == arm);
}
