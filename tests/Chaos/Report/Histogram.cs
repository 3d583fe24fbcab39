using System.Globalization;
using System.Text;

namespace Parley.Chaos.Report;

/// <summary>Times of recovery as bars of half a second, one row for each kind of fault.</summary>
internal static class Histogram
{
    private const double BinSeconds = 0.5;
    private const int Bins = 60, BarWidth = 10, RowHeight = 110, Left = 150, Top = 40;

    public static string Draw(IReadOnlyList<Recovery> recoveries)
    {
        var rows = recoveries.GroupBy(r => r.Kind).OrderBy(g => g.Key, StringComparer.Ordinal).ToList();
        int width = Left + Bins * BarWidth + 30, height = Top + rows.Count * RowHeight + 20;
        var svg = new StringBuilder();
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">""");
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<rect width="{width}" height="{height}" fill="#fff"/><text x="10" y="20" font-size="14">Time from a fault to the next progress of its victim's work</text>""");
        for (var i = 0; i < rows.Count; i++) DrawRow(svg, rows[i].Key, [.. rows[i].Select(r => r.Seconds).Order()], Top + i * RowHeight);
        return svg.AppendLine("</svg>").ToString();
    }

    private static void DrawRow(StringBuilder svg, string kind, IReadOnlyList<double> times, int top)
    {
        var counts = new int[Bins];
        foreach (var time in times) counts[Math.Min(Bins - 1, (int)(time / BinSeconds))]++;
        var most = counts.Max();
        var bottom = top + RowHeight - 35;
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<text x="10" y="{top + 25}">{kind}</text><text x="10" y="{top + 42}" fill="#666">{times.Count}, median {times[times.Count / 2]:F1} s</text><text x="10" y="{top + 58}" fill="#666">max {times[^1]:F1} s</text>""");
        for (var bin = 0; bin < Bins; bin++)
        {
            if (counts[bin] == 0) continue;
            var tall = Math.Max(2, counts[bin] * (RowHeight - 50) / most);
            svg.AppendLine(CultureInfo.InvariantCulture, $"""<rect x="{Left + bin * BarWidth}" y="{bottom - tall}" width="{BarWidth - 1}" height="{tall}" fill="#2b6cb0"><title>{bin * BinSeconds:F1} s: {counts[bin]}</title></rect>""");
        }

        svg.AppendLine(CultureInfo.InvariantCulture, $"""<line x1="{Left}" y1="{bottom}" x2="{Left + Bins * BarWidth}" y2="{bottom}" stroke="#999"/>""");
        for (var seconds = 0; seconds <= Bins * BinSeconds; seconds += 5)
        {
            svg.AppendLine(CultureInfo.InvariantCulture, $"""<text x="{Left + seconds / BinSeconds * BarWidth:F0}" y="{bottom + 14}" fill="#666" text-anchor="middle">{seconds}{(seconds == 30 ? " s +" : "")}</text>""");
        }
    }
}
