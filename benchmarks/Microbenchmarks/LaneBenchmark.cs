using BenchmarkDotNet.Attributes;
using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Streaming;

namespace Parley.Microbenchmarks;

/// <summary>What the scheduler and the watermark cost for one record: queue it, run its lane, complete it.</summary>
[MemoryDiagnoser]
public class LaneBenchmark : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly KafkaRecord Record = new(null, null, []);
    private readonly LaneScheduler _scheduler = new(256, static _ => new LaneShare("engine"));
    private readonly PartitionProgress _progress = new(0, -1);
    private ConversationKey[] _keys = [];
    private long _offset;

    /// <summary>Conversations that take turns.</summary>
    [Params(1, 10_000)]
    public int Conversations { get; set; }

    [GlobalSetup]
    public void Setup() => _keys = [.. Enumerable.Range(0, Conversations).Select(i => new ConversationKey("demo", $"c_{i}"))];

    [Benchmark]
    public long EnqueueRunComplete()
    {
        var offset = _offset++;
        _scheduler.Add(_keys[offset % Conversations], new QueuedRecord(Record, _progress, offset, _progress.Track(offset), 100));
        if (_scheduler.TryStart(Now, out var lane))
        {
            var ticket = lane.Records.Peek().Ticket;
            _scheduler.Finish(lane, 1, null);
            _progress.Exit(ticket);
        }

        return _scheduler.BufferedBytes;
    }

    public void Dispose()
    {
        _progress.Dispose();
        GC.SuppressFinalize(this);
    }
}
