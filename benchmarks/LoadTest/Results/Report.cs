using Parley.LoadTest.Measuring;
using Parley.TestKit.Plots;

namespace Parley.LoadTest.Results;

/// <summary>What a session of the load test found: measures, runs, plots; written into a folder.</summary>
internal sealed class Report(string folder, Machine machine)
{
    private readonly List<Measure> _measures = [];
    private readonly List<ArmRun> _runs = [];
    private readonly List<string> _plots = [];

    public string Folder { get; } = folder;
    public Machine Machine { get; } = machine;
    public IReadOnlyList<Measure> Measures => _measures;
    public IReadOnlyList<ArmRun> Runs => _runs;

    /// <summary>File names, in the folder.</summary>
    public IReadOnlyList<string> Plots => _plots;

    public void Add(Measure measure)
    {
        _measures.Add(measure);
        Bench.Say($"= {measure.Name}: {measure.Value}{(measure.Goal.Length > 0 ? $" (goal {measure.Goal}: {Verdict(measure)})" : "")}");
    }

    /// <summary>Adds a run; one in which something was lost, doubled or out of order is a measure that does not hold.</summary>
    public void Add(ArmRun run)
    {
        _runs.Add(run);
        if (run.Violation is { } violation) Add(new Measure($"{run.Arm}: loss, duplicates, order", violation, "none", run.Arm == Arms.ArmKind.Parley ? false : null));
    }

    public void Add(string name, Plot plot)
    {
        Directory.CreateDirectory(Folder);
        var file = name + ".svg";
        (plot with { Subtitle = plot.Subtitle.Length > 0 ? plot.Subtitle : Machine.Short }).Save(Path.Combine(Folder, file));
        if (!_plots.Contains(file)) _plots.Add(file);
    }

    public void Write(string? jsonFile)
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(Folder, "results.json"), ReportJson.Everything(this));
        File.WriteAllText(Path.Combine(Folder, "README.md"), ReportMarkdown.Write(this));
        if (jsonFile is not null) File.WriteAllText(jsonFile, ReportJson.Measures(_measures));
    }

    public static string Verdict(Measure measure) => measure.Holds switch { true => "holds", false => "DOES NOT HOLD", null => "-" };
}
