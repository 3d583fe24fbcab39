using BenchmarkDotNet.Attributes;
using Parley.Common.Streaming;

namespace Parley.Microbenchmarks;

/// <summary>What the watermark costs for one record when the records of a partition finish out of order.</summary>
[MemoryDiagnoser]
public class WatermarkBenchmark
{
    private const int Window = 512;
    private readonly OffsetWatermark _watermark = new(0);
    private long _offset;

    /// <summary>A window of records is delivered, then finishes from the newest to the oldest.</summary>
    [Benchmark(OperationsPerInvoke = Window)]
    public long TrackAndComplete()
    {
        var last = 0L;
        for (var i = 0; i < Window; i++) last = _watermark.Track(_offset++);
        for (var i = 0; i < Window; i++) _watermark.Complete(last - i);
        return _watermark.Committable;
    }
}
