using Microsoft.Extensions.Logging;
using Parley.Common.Conversations;
using Parley.Common.Kafka;
using Parley.Common.Records;

namespace Parley.Common.Streaming;

/// <summary>Runs the lanes that the <see cref="LaneScheduler"/> picks, as thread-pool work, and reports back to it.</summary>
internal sealed partial class LaneRunner : IDisposable
{
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(30);

    [ThreadStatic]
    private static bool _isStarting;

    private readonly StreamSettings _settings;
    private readonly ILaneHandler _handler;
    private readonly DeadLetterWriter _deadLetters;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly StreamMetrics _metrics;
    private readonly ITimer _timer;

    /// <summary>Guards the scheduler, its lanes and <see cref="_timerDue"/>. Held for a few dozen nanoseconds at a time, never across a call out.</summary>
    private readonly Lock _gate = new();
    private readonly LaneScheduler _scheduler;
    private DateTimeOffset _timerDue = DateTimeOffset.MaxValue;
    private bool _stopped;

    public LaneRunner(
        StreamSettings settings, ILaneHandler handler, DeadLetterWriter deadLetters, TimeProvider time, StreamMetrics metrics, ILogger log)
    {
        (_settings, _handler, _deadLetters, _time, _metrics, _log) = (settings, handler, deadLetters, time, metrics, log);
        _scheduler = new LaneScheduler(settings.Permits, settings.Share);
        _timer = time.CreateTimer(static runner => ((LaneRunner)runner!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What is buffered now. Taken without the lock, by a thread that asks for each record: a moment's staleness changes nothing.</summary>
    public (int Records, long Bytes, int Lanes, int Running) Load =>
        (_scheduler.BufferedRecords, _scheduler.BufferedBytes, _scheduler.Lanes, _scheduler.RunningLanes);

    /// <summary>Takes a record that was just delivered. Only the poll thread calls this.</summary>
    public void Add(PartitionProgress progress, KafkaRecord record, long offset, bool mayHaveRun = false)
    {
        // A record without a readable key is nobody's conversation: it goes through a lane of its partition to the dead letters.
        if (!ConversationKey.TryParse(record.Key, out var key, out _)) key = new ConversationKey("", $"unreadable/{progress.Partition}");

        var queued = new QueuedRecord(record, progress, offset, progress.Track(offset), 200 + (record.Key?.Length ?? 0) + (record.Value?.Length ?? 0), mayHaveRun);
        Action<KafkaRecord>? onAdded;
        lock (_gate)
        {
            onAdded = _scheduler.Add(key, queued).OnAdded;
            StartReady();
        }

        onAdded?.Invoke(record);
    }

    /// <summary>Throws away what waits for assignments that are no longer active.</summary>
    public void DropGivenUp()
    {
        lock (_gate) _scheduler.DropGivenUp();
    }

    /// <summary>Nothing starts any more.</summary>
    public void Stop()
    {
        lock (_gate) _stopped = true;
    }

    public void Dispose() => _timer.Dispose();

    private void OnTimer()
    {
        lock (_gate)
        {
            _timerDue = DateTimeOffset.MaxValue;
            StartReady();
        }
    }

    /// <summary>Starts what may run. The caller holds the lock, and has just changed something: once into the lock for both.</summary>
    /// <param name="keepOne">Whether one of them is left to the caller, to be run in its own thread.</param>
    private Lane? StartReady(bool keepOne = false)
    {
        Lane? kept = null;
        if (_stopped) return kept;
        while (_scheduler.TryStart(_time.GetUtcNow(), out var lane))
        {
            if (keepOne && kept is null) kept = lane;
            else ThreadPool.UnsafeQueueUserWorkItem(static work => _ = work.Runner.RunAsync(work.Lane), (Runner: this, Lane: lane), preferLocal: false);
        }

        SetTimer();
        return kept;
    }

    private void SetTimer()
    {
        if (_scheduler.NextDue() is not { } due || due >= _timerDue) return;
        _timerDue = due;
        var wait = due - _time.GetUtcNow();
        _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private async Task RunAsync(Lane lane)
    {
        var taken = Take(lane);
        var progress = taken[0].Progress;
        var started = _time.GetTimestamp();
        var result = await HandleAsync(lane, taken, progress.Ended);

        if (result.DeadLetter is { } reason)
        {
            var bad = taken[result.Completed];
            var written = await _deadLetters.WriteAsync(bad.Record, _settings.Topic, progress.Partition, bad.Offset, reason);
            LogDeadLetter(_settings.Topic, progress.Partition, bad.Offset, reason);
            _metrics.DeadLetter(_settings.Name);
            result = (written.Acknowledged ? LaneResult.Done(result.Completed + 1) : LaneResult.Retry(FirstBackoff, result.Completed)) with { After = result.After };
        }

        await KeepAsync(lane, result.Completed);
        var isOver = result.After?.IsCompletedSuccessfully ?? true;
        var notBefore = result.RetryAfter is { } after ? _time.GetUtcNow() + after : (DateTimeOffset?)null;
        lock (_gate)
        {
            if (result.WholePool && notBefore is { } until) _scheduler.Suspend(lane.Tenant.Pool.Name, until);
            _scheduler.Finish(lane, result.Completed, notBefore);
            StartReady();
        }

        _metrics.Run(_settings.Name, result.Completed, _time.GetElapsedTime(started));
        var done = Tickets(taken, result.Completed);
        if (isOver) progress.Exit(done);
        else _ = CompleteAfterAsync(result.After!, progress, done, taken[0].Offset);
    }

    /// <summary>A lane that is about to be forgotten is kept until what it left under way has ended: its successor would not know of it.</summary>
    private async ValueTask KeepAsync(Lane lane, int completed)
    {
        if (lane.Following.IsCompleted) return;
        lock (_gate)
        {
            if (lane.Records.Count > completed) return;
            _scheduler.ReleasePermit(lane);
            StartReady();
        }

        await lane.Following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>
    /// The lane has gone on, the run has not ended: its partition waits for it when it is given up, and its offsets do not count yet. Thousands of runs wait
    /// like this at a time: nothing of the records may be held.
    /// </summary>
    private async Task CompleteAfterAsync(Task after, PartitionProgress progress, long[] tickets, long firstOffset)
    {
        var isDone = false;
        try
        {
            await after;
            isDone = true;
        }
        catch (OperationCanceledException) when (progress.Ended.IsCancellationRequested)
        {
            // The next owner reads the records again.
        }
        catch (Exception e)
        {
            LogAfterFailed(e, _settings.Topic, progress.Partition, firstOffset);
        }
        finally
        {
            progress.Exit(isDone ? tickets : []);
        }
    }

    private static long[] Tickets(QueuedRecord[] taken, int completed)
    {
        var tickets = new long[completed];
        for (var i = 0; i < completed; i++) tickets[i] = taken[i].Ticket;
        return tickets;
    }

    /// <summary>The oldest records of a lane, of one assignment. Later ones may be added behind them meanwhile; nobody else removes any.</summary>
    private QueuedRecord[] Take(Lane lane)
    {
        lock (_gate)
        {
            var progress = lane.Records.Peek().Progress;
            var count = 0;
            foreach (var record in lane.Records)
            {
                if (count == _settings.RecordsPerRun || !ReferenceEquals(record.Progress, progress)) break;
                count++;
            }

            var taken = new QueuedRecord[count];
            var at = 0;
            foreach (var record in lane.Records)
            {
                if (at == count) break;
                taken[at++] = record;
            }

            return taken;
        }
    }

    internal static LaneRecord Read(in QueuedRecord one) => new(RecordCodec.Decode(one.Record), one.Record, one.Progress.Partition, one.Offset, one.MayHaveRun);

    private async Task<LaneResult> HandleAsync(Lane lane, QueuedRecord[] taken, CancellationToken cancellation)
    {
        var head = Read(taken[0]);
        if (head.Decoded is DecodedRecord.Unreadable(var reason)) return LaneResult.Unhandled(reason);

        try
        {
            var result = await _handler.RunAsync(new LaneRun(this, lane, head, taken), cancellation);
            lane.Failures = 0;
            return result;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return LaneResult.Done(0);
        }
        catch (Exception e)
        {
            // Nothing is completed: the lane backs off and the same records run again, its neighbours go on. That is safe because a run
            // that stopped half-way is found in the store when it is repeated.
            var backoff = Backoff(lane.Failures++);
            LogRunFailed(e, _settings.Topic, taken[0].Progress.Partition, taken[0].Offset, lane.Key, backoff);
            _metrics.Failure(_settings.Name);
            return LaneResult.Retry(backoff);
        }
    }

    private static TimeSpan Backoff(int failures) =>
        TimeSpan.FromTicks(Math.Min(LongestBackoff.Ticks, FirstBackoff.Ticks << Math.Min(failures, 10)));

    internal void Watch(Lane lane, Action<KafkaRecord> onAdded)
    {
        lock (_gate) lane.OnAdded = onAdded;
    }

    internal void ReleasePermit(Lane lane)
    {
        Lane? next;
        lock (_gate)
        {
            _scheduler.ReleasePermit(lane);
            next = StartReady(keepOne: !_isStarting);
        }

        if (next is null) return;
        _isStarting = true;
        try
        {
            _ = RunAsync(next);
        }
        finally
        {
            _isStarting = false;
        }
    }

    [LoggerMessage(10, LogLevel.Warning, "Dead letter: {Topic}/{Partition}@{Offset}: {Reason}")]
    private partial void LogDeadLetter(string topic, int partition, long offset, string reason);

    [LoggerMessage(12, LogLevel.Error, "What the run from {Topic}/{Partition}@{Offset} left under way failed; its offsets are not committed in this assignment")]
    private partial void LogAfterFailed(Exception e, string topic, int partition, long offset);

    [LoggerMessage(11, LogLevel.Error, "The run from {Topic}/{Partition}@{Offset} (conversation {Conversation}) failed; again in {Backoff}")]
    private partial void LogRunFailed(Exception e, string topic, int partition, long offset, ConversationKey conversation, TimeSpan backoff);
}
