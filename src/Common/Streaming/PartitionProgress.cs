namespace Parley.Common.Streaming;

/// <summary>
/// One assignment of one partition: what was delivered, what is done, what runs. Never reused: a partition that comes back is a new object.
/// </summary>
/// <remarks>
/// Records hold on to their assignment, and completing goes through it under its lock. So a run that ends after the partition has gone
/// cannot move an offset that somebody else owns by then: the new owner would skip records that only we believed done.
/// </remarks>
public sealed class PartitionProgress : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly OffsetWatermark _watermark;
    private readonly Handover? _handover;
    private long _stored;
    private int _running;
    private TaskCompletionSource? _idle;

    /// <param name="partition">Its number.</param>
    /// <param name="position">The offset that was committed when it was assigned; -1 when it is not known.</param>
    /// <param name="handover">Tells what an earlier owner may have begun; null when there was none.</param>
    public PartitionProgress(int partition, long position, Handover? handover = null)
    {
        Partition = partition;
        _handover = handover;
        _stored = position;
        _watermark = new OffsetWatermark(position);
        Ended = _ended.Token;
    }

    public int Partition { get; }

    /// <summary>Whether somebody may have owned the partition before.</summary>
    public bool HadOwner => _handover is not null;

    public PartitionState State { get; private set; }

    /// <summary>Fires when the assignment has ended: what still runs for it should stop.</summary>
    public CancellationToken Ended { get; }

    /// <summary>Records between the lowest unfinished and the last delivered one, for the thread that delivers; others may have finished some more by now.</summary>
    public int Span => _watermark.Span;

    /// <summary>Whether a record of that offset was delivered before: the log was cut or made anew under us. For the thread that delivers.</summary>
    public bool IsBehind(long offset) => offset < _watermark.Next;

    /// <summary>Whether an earlier owner may have begun on a record; asked once for each, as it is delivered.</summary>
    /// <param name="written">When the record was written, by its timestamp; null when it has none.</param>
    public bool MayHaveRun(long offset, DateTimeOffset? written) => _handover?.MayHaveRun(offset, written) ?? false;

    /// <summary>Counts a delivered record; the ticket is for <see cref="Exit"/>.</summary>
    public long Track(long offset)
    {
        lock (_gate) return _watermark.Track(offset);
    }

    /// <summary>Counts a run in; false when the partition is being given up and nothing may start.</summary>
    public bool TryEnter()
    {
        lock (_gate)
        {
            if (State != PartitionState.Active) return false;
            _running++;
            return true;
        }
    }

    /// <summary>Counts a run out.</summary>
    /// <param name="done">The tickets of the records it is done with; without effect once the assignment has ended.</param>
    public void Exit(params ReadOnlySpan<long> done)
    {
        lock (_gate)
        {
            if (State != PartitionState.Fenced)
            {
                foreach (var ticket in done) _watermark.Complete(ticket);
            }

            if (--_running == 0) _idle?.TrySetResult();
        }
    }

    /// <summary>The offset to store, when it has moved since the last call.</summary>
    public long? TakeCommittable()
    {
        lock (_gate)
        {
            var committable = _watermark.Committable;
            if (State == PartitionState.Fenced || committable == _stored) return null;
            return _stored = committable;
        }
    }

    /// <summary>Nothing starts from now on. Completes when nothing runs any more.</summary>
    public Task DrainAsync()
    {
        lock (_gate)
        {
            if (State == PartitionState.Active) State = PartitionState.Draining;
            if (_running == 0) return Task.CompletedTask;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }

    /// <summary>The assignment has ended: no offset moves any more, and what still runs is asked to stop.</summary>
    public void Fence()
    {
        lock (_gate)
        {
            if (State == PartitionState.Fenced) return;
            State = PartitionState.Fenced;
        }

        _ended.Cancel();
        _ended.Dispose();
    }

    public void Dispose() => Fence();
}

/// <summary>The life of an assignment.</summary>
public enum PartitionState
{
    Active,

    /// <summary>Being given up: what runs may finish and count, nothing starts.</summary>
    Draining,

    /// <summary>Somebody else's: nothing counts any more.</summary>
    Fenced,
}
