namespace Parley.TestKit.Plots;

/// <summary>A line of a plot.</summary>
/// <param name="Name">For the legend.</param>
/// <param name="Points">In order of X.</param>
/// <param name="Dashed">For what is a goal or a limit rather than measured.</param>
public sealed record Series(string Name, IReadOnlyList<(double X, double Y)> Points, bool Dashed = false);

/// <summary>A span of X that is shaded, with a word on what happened there.</summary>
public sealed record Band(double From, double To, string Name);

/// <summary>A line plot, drawn as SVG without any library: a white ground, axes from round numbers, a legend beside the lines.</summary>
public sealed record Plot(string Title, string XLabel, string YLabel, IReadOnlyList<Series> Series)
{
    /// <summary>A smaller line under the title: machine, settings.</summary>
    public string Subtitle { get; init; } = "";

    /// <summary>Whether X grows by factors (10, 100, 1,000); every X must be above 0 then.</summary>
    public bool LogX { get; init; }

    public bool LogY { get; init; }

    /// <summary>Whether each point is marked: for few points that were measured one by one.</summary>
    public bool Marks { get; init; }

    public IReadOnlyList<Band> Bands { get; init; } = [];

    /// <summary>The drawing, as the text of an SVG file.</summary>
    public string ToSvg() => new PlotDrawing(this).Draw();

    public void Save(string path) => File.WriteAllText(path, ToSvg());
}
