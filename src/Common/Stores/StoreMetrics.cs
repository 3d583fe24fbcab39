using System.Diagnostics.Metrics;

namespace Parley.Common.Stores;

/// <summary>What the commits tell of themselves; meter <c>Parley.Store</c>.</summary>
public sealed class StoreMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _turns;
    private readonly Counter<long> _failures;
    private readonly Histogram<int> _groupTurns;
    private readonly Histogram<double> _duration;

    public StoreMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("Parley.Store");
        _turns = _meter.CreateCounter<long>("parley.store.turns", "{turn}", "Turns by outcome: committed, conflict, duplicate");
        _failures = _meter.CreateCounter<long>("parley.store.failures", "{group}", "Groups of turns that failed, by whether the outcome is unknown");
        _groupTurns = _meter.CreateHistogram<int>("parley.store.group.turns", "{turn}", "Turns of one transaction");
        _duration = _meter.CreateHistogram<double>("parley.store.commit.duration", "s", "Duration of a group's transaction");
    }

    internal void Committed(IReadOnlyList<CommitOutcome> outcomes, TimeSpan duration)
    {
        _groupTurns.Record(outcomes.Count);
        _duration.Record(duration.TotalSeconds);
        foreach (var (outcome, count) in outcomes.CountBy(o => o)) _turns.Add(count, new KeyValuePair<string, object?>("outcome", Name(outcome)));
    }

    internal void Failed(bool outcomeUnknown) => _failures.Add(1, new KeyValuePair<string, object?>("outcome_unknown", outcomeUnknown));

    public void Dispose() => _meter.Dispose();

    private static string Name(CommitOutcome outcome) => outcome switch
    {
        CommitOutcome.Committed => "committed",
        CommitOutcome.Conflict => "conflict",
        _ => "duplicate",
    };
}
