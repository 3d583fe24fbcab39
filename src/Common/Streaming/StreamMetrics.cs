using System.Diagnostics.Metrics;

namespace Parley.Common.Streaming;

/// <summary>What the consumers tell of themselves; meter <c>Parley.Streaming</c>.</summary>
public sealed class StreamMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _records;
    private readonly Counter<long> _deadLetters;
    private readonly Counter<long> _failures;
    private readonly Histogram<double> _runTime;

    public StreamMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("Parley.Streaming");
        _records = _meter.CreateCounter<long>("parley.stream.records", "{record}", "Records completed");
        _deadLetters = _meter.CreateCounter<long>("parley.stream.dead_letters", "{record}", "Records written to the dead letters");
        _failures = _meter.CreateCounter<long>("parley.stream.failures", "{run}", "Runs that threw and are repeated");
        _runTime = _meter.CreateHistogram<double>("parley.stream.run.duration", "s", "Duration of a lane's run");
    }

    /// <summary>Shows a consumer's buffer: records, bytes, lanes and runs.</summary>
    internal void Observe(string stream, Func<(int Records, long Bytes, int Lanes, int Running)> load)
    {
        var tag = Tag(stream);
        _meter.CreateObservableGauge("parley.stream.buffered_records", () => new Measurement<int>(load().Records, tag), "{record}");
        _meter.CreateObservableGauge("parley.stream.buffered_bytes", () => new Measurement<long>(load().Bytes, tag), "By");
        _meter.CreateObservableGauge("parley.stream.lanes", () => new Measurement<int>(load().Lanes, tag), "{lane}");
        _meter.CreateObservableGauge("parley.stream.running", () => new Measurement<int>(load().Running, tag), "{run}");
    }

    internal void Run(string stream, int records, TimeSpan duration)
    {
        if (_records.Enabled) _records.Add(records, Tag(stream));
        if (_runTime.Enabled) _runTime.Record(duration.TotalSeconds, Tag(stream));
    }

    internal void DeadLetter(string stream) => _deadLetters.Add(1, Tag(stream));

    internal void Failure(string stream) => _failures.Add(1, Tag(stream));

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Tag(string stream) => new("stream", stream);
}
