namespace Parley.LoadTest.Scenarios;

/// <summary>Something to measure, by name.</summary>
/// <param name="About">One line for the list.</param>
/// <param name="OnDisk">Whether what it measures waits for the disk: then the processors are not kept awake (<see cref="Measuring.Awake"/>).</param>
/// <param name="InTable">Whether it belongs to the table that is run when none is named.</param>
internal sealed record Scenario(string Name, string About, Func<Bench, CancellationToken, Task> RunAsync, bool InTable = false, bool OnDisk = false);
