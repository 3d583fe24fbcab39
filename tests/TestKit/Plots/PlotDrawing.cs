using System.Globalization;
using System.Net;
using System.Text;

namespace Parley.TestKit.Plots;

/// <summary>Draws a <see cref="Plot"/>.</summary>
internal sealed class PlotDrawing
{
    private const double Width = 900, Height = 440, Left = 84, Top = 62, Bottom = 56, LegendWidth = 230;

    // Told apart by the colour-blind too (Okabe and Ito).
    private static readonly string[] Colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#8a8a00"];

    private readonly Plot _plot;
    private readonly StringBuilder _svg = new();
    private readonly Axis _x;
    private readonly Axis _y;

    public PlotDrawing(Plot plot)
    {
        _plot = plot;
        var points = plot.Series.SelectMany(s => s.Points).ToList();
        _x = new Axis([.. points.Select(p => p.X)], plot.LogX, fromZero: false);
        _y = new Axis([.. points.Select(p => p.Y)], plot.LogY, fromZero: true);
    }

    private static double Right => Width - LegendWidth;

    private static double Floor => Height - Bottom;

    public string Draw()
    {
        _svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" ");
        _svg.Append("font-family=\"system-ui, 'DejaVu Sans', Arial, sans-serif\" font-size=\"12\" fill=\"#222\">\n");
        _svg.Append(CultureInfo.InvariantCulture, $"<title>{Escape(_plot.Title)}</title>\n<rect width=\"{Width}\" height=\"{Height}\" fill=\"#fff\"/>\n");
        Text(Left, 24, _plot.Title, "font-size=\"16\" font-weight=\"600\"");
        Text(Left, 43, _plot.Subtitle, "fill=\"#666\"");
        foreach (var band in _plot.Bands) Draw(band);
        DrawAxes();
        for (var i = 0; i < _plot.Series.Count; i++) Draw(_plot.Series[i], i);
        return _svg.Append("</svg>\n").ToString();
    }

    private void DrawAxes()
    {
        foreach (var tick in _y.Ticks)
        {
            Line(Left, Y(tick), Right, Y(tick), "stroke=\"#e4e4e4\"");
            Text(Left - 8, Y(tick) + 4, Axis.Text(tick), "text-anchor=\"end\"");
        }

        foreach (var tick in _x.Ticks)
        {
            Line(X(tick), Floor, X(tick), Floor + 5, "stroke=\"#222\"");
            Text(X(tick), Floor + 20, Axis.Text(tick), "text-anchor=\"middle\"");
        }

        Line(Left, Floor, Right, Floor, "stroke=\"#222\"");
        Line(Left, Top, Left, Floor, "stroke=\"#222\"");
        Text((Left + Right) / 2, Height - 12, _plot.XLabel, "text-anchor=\"middle\"");
        var middle = (Top + Floor) / 2;
        Text(20, middle, _plot.YLabel, FormattableString.Invariant($"text-anchor=\"middle\" transform=\"rotate(-90 20 {middle})\""));
    }

    private void Draw(Series series, int index)
    {
        var colour = Colours[index % Colours.Length];
        var dash = series.Dashed ? " stroke-dasharray=\"6 4\"" : "";
        var points = string.Join(' ', series.Points.Select(p => FormattableString.Invariant($"{X(p.X):F1},{Y(p.Y):F1}")));
        _svg.Append(CultureInfo.InvariantCulture, $"<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-linejoin=\"round\"{dash}/>\n");
        if (_plot.Marks && !series.Dashed)
        {
            foreach (var (x, y) in series.Points) _svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{X(x):F1}\" cy=\"{Y(y):F1}\" r=\"3.5\" fill=\"{colour}\"/>\n");
        }

        var at = Top + 8 + (index * 20);
        Line(Right + 16, at, Right + 40, at, FormattableString.Invariant($"stroke=\"{colour}\" stroke-width=\"3\"{dash}"));
        Text(Right + 46, at + 4, series.Name, "");
    }

    private void Draw(Band band)
    {
        var (from, to) = (X(band.From), X(band.To));
        _svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{from:F1}\" y=\"{Top}\" width=\"{Math.Max(1, to - from):F1}\" height=\"{Floor - Top}\" fill=\"#f3ead8\"/>\n");
        Text((from + to) / 2, Top + 14, band.Name, "text-anchor=\"middle\" fill=\"#7a5c18\" font-size=\"11\"");
    }

    private double X(double value) => Left + (Math.Clamp(_x.Place(value), 0, 1) * (Right - Left));

    private double Y(double value) => Floor - (Math.Clamp(_y.Place(value), 0, 1) * (Floor - Top));

    private void Line(double x1, double y1, double x2, double y2, string style) =>
        _svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{x1:F1}\" y1=\"{y1:F1}\" x2=\"{x2:F1}\" y2=\"{y2:F1}\" {style}/>\n");

    private void Text(double x, double y, string text, string style)
    {
        if (text.Length > 0) _svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:F1}\" y=\"{y:F1}\" {style}>{Escape(text)}</text>\n");
    }

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
