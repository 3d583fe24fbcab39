namespace Parley.Standalone.Broker;

/// <summary>
/// Counts what waits in the embedded broker's partitions, and refuses more before a partition could drop what nobody has read. Pure:
/// it is told of records and commits. Safe for several threads.
/// </summary>
/// <param name="limitBytes">That may wait in one partition. What is admitted counts at once, and as if all of it went to the fullest one.</param>
internal sealed class Backlog(long limitBytes)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly Dictionary<int, Waiting> _partitions = [];

    /// <summary>Admitted and not seen on the topic yet. Guarded by <see cref="_gate"/>.</summary>
    private long _underWay;

    /// <summary>Null to let so many bytes in, else when to come back.</summary>
    public TimeSpan? Judge(int bytes)
    {
        lock (_gate)
        {
            var waiting = _underWay + (_partitions.Count == 0 ? 0 : _partitions.Values.Max(p => p.Bytes));

            // Into an empty broker everything fits: no call brings as much as a partition holds.
            if (waiting > 0 && waiting + bytes > limitBytes) return RetryAfter;
            _underWay += bytes;
            return null;
        }
    }

    /// <summary>A record is on the topic. <paramref name="admitted"/> when it is one that was judged.</summary>
    public void Seen(int partition, long offset, int bytes, bool admitted)
    {
        lock (_gate)
        {
            if (admitted) _underWay = Math.Max(0, _underWay - bytes);
            if (!_partitions.TryGetValue(partition, out var waiting)) _partitions[partition] = waiting = new Waiting();
            waiting.Records.Enqueue((offset, bytes));
            waiting.Bytes += bytes;
        }
    }

    /// <summary>Everything of the partition below the offset is done with.</summary>
    public void Committed(int partition, long offset)
    {
        lock (_gate)
        {
            if (!_partitions.TryGetValue(partition, out var waiting)) return;
            while (waiting.Records.TryPeek(out var oldest) && oldest.Offset < offset)
            {
                waiting.Records.Dequeue();
                waiting.Bytes -= oldest.Bytes;
            }
        }
    }

    /// <summary>Whether everything that was seen is done with.</summary>
    public bool IsEmpty
    {
        get { lock (_gate) return _partitions.Values.All(p => p.Bytes == 0); }
    }

    /// <summary>Whether, besides, all that was admitted has been seen.</summary>
    public bool IsDone
    {
        get { lock (_gate) return _underWay == 0 && _partitions.Values.All(p => p.Bytes == 0); }
    }

    /// <summary>Nothing is under way any more: what was admitted and never seen has failed.</summary>
    public void Settle()
    {
        lock (_gate) _underWay = 0;
    }

    private sealed class Waiting
    {
        public Queue<(long Offset, int Bytes)> Records { get; } = [];
        public long Bytes { get; set; }
    }
}
