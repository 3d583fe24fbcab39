using System.Diagnostics.Metrics;

namespace Parley.Processor.Turns;

/// <summary>What goes wrong with turns; meter <c>Parley.Processor</c>.</summary>
internal sealed class TurnMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _attempts;
    private readonly Counter<long> _parked;
    private readonly Counter<long> _released;
    private readonly Counter<long> _skipped;

    public TurnMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("Parley.Processor");
        _attempts = _meter.CreateCounter<long>("parley.turns.failed", "{attempt}", "Attempts at a turn that failed by themselves");
        _parked = _meter.CreateCounter<long>("parley.turns.parked", "{turn}", "Turns whose messages were parked");
        _released = _meter.CreateCounter<long>("parley.turns.released", "{turn}", "Parked turns that were answered after all");
        _skipped = _meter.CreateCounter<long>("parley.turns.skipped", "{turn}", "Turns that were dropped with the fallback text");
    }

    public void Failed() => _attempts.Add(1);

    public void Parked() => _parked.Add(1);

    public void Released() => _released.Add(1);

    public void Skipped() => _skipped.Add(1);

    public void Dispose() => _meter.Dispose();
}
