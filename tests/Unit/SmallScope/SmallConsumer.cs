using System.Globalization;
using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Streaming;

namespace Parley.Unit.SmallScope;

/// <summary>
/// The real scheduler and the real progress of one partition, as a value: they cannot be copied, so a copy does again what was done. A copy
/// that nobody touches costs nothing.
/// </summary>
internal sealed class SmallConsumer
{
    private const int Permits = 2;

    private readonly List<Action<Machines>> _done;
    private Machines? _machines;
    private Look _look;
    private string? _print;
    private long? _offered;

    public SmallConsumer() => _done = [];

    private SmallConsumer(SmallConsumer other) => (_done, _look, _print, _offered) = ([.. other._done], other._look, other._print, other._offered);

    /// <summary>Whether a partition is assigned, as far as this process knows.</summary>
    public bool IsAssigned => _look.State is PartitionState.Active or PartitionState.Draining;

    public bool IsActive => _look.State == PartitionState.Active;

    public bool IsDraining => _look.State == PartitionState.Draining;

    public long Position => _look.Position;

    /// <summary>What may be committed, by a count of its own: the lowest offset that is not done, else the position.</summary>
    public long Committable => _look.Committable;

    /// <summary>What the real progress would give for committing; it is asked in a copy, so it has not given it yet.</summary>
    public long Offered => _offered ??= Copy().TakeCommittable() ?? Committable;

    /// <summary>All but what runs; the runs are the process's.</summary>
    public string Print => _print ??= Now.Print();

    private Machines Now
    {
        get
        {
            if (_machines is { } present) return present;
            _machines = new Machines();
            foreach (var step in _done) step(_machines);
            return _machines;
        }
    }

    public SmallConsumer Copy() => new(this);

    public void Assign(long position) => Do(m => m.Assign(position));

    public void Add(ConversationKey key) => Do(m => m.Add(key));

    /// <summary>Starts a lane: its conversation and the offsets of the run; null when none may start.</summary>
    public (ConversationKey Key, IReadOnlyList<long> Offsets)? Start(int most)
    {
        if (Now.Start(most) is not { } started) return null;
        Done(m => m.Start(most));
        return started;
    }

    public void ReleasePermit(ConversationKey key) => Do(m => m.Scheduler.ReleasePermit(m.Runs[key].Lane));

    public void Complete(ConversationKey key, int count) => Do(m => m.Complete(key, count));

    public void Finish(ConversationKey key, int completed) => Do(m => m.Finish(key, completed));

    /// <summary>What the real progress offers to commit; null when that has not moved.</summary>
    public long? TakeCommittable()
    {
        long? offset = null;
        Do(m => offset = m.Progress!.TakeCommittable());
        return offset;
    }

    public void Drain() => Do(m =>
    {
        _ = m.Progress!.DrainAsync();
        m.DropGivenUp();
    });

    public void Fence() => Do(m =>
    {
        m.Progress!.Fence();
        m.DropGivenUp();
    });

    private void Do(Action<Machines> step)
    {
        step(Now);
        Done(step);
    }

    private void Done(Action<Machines> step)
    {
        _done.Add(step);
        (_print, _offered) = (null, null);
        _look = new Look(Now.Progress?.State, Now.Position, Now.Committable);
    }

    private readonly record struct Look(PartitionState? State, long Position, long Committable);

    private sealed class Machines
    {
        private static readonly DateTimeOffset Time = SmallTurn.Now;
        private readonly Dictionary<ConversationKey, List<QueuedRecord>> _queued = [];
        private readonly SortedSet<long> _unfinished = [];

        public LaneScheduler Scheduler { get; } = new(Permits, static _ => new LaneShare("engine"));
        public PartitionProgress? Progress { get; private set; }
        public Dictionary<ConversationKey, (Lane Lane, List<QueuedRecord> Taken)> Runs { get; } = [];
        public long Position { get; private set; }

        public long Committable => _unfinished.Count > 0 ? _unfinished.Min : Position;

        public void Assign(long position)
        {
            Progress = new PartitionProgress(0, position);
            Position = position;
            _unfinished.Clear();
        }

        public void Add(ConversationKey key)
        {
            var record = new QueuedRecord(new KafkaRecord(null, null, []), Progress!, Position, Progress!.Track(Position), 1);
            _unfinished.Add(Position++);
            if (!_queued.TryGetValue(key, out var queue)) _queued.Add(key, queue = []);
            queue.Add(record);
            Scheduler.Add(key, record);
        }

        public (ConversationKey, IReadOnlyList<long>)? Start(int most)
        {
            if (!Scheduler.TryStart(Time, out var lane)) return null;
            if (Runs.ContainsKey(lane.Key)) throw new SmallViolationException($"{lane.Key} runs twice in one process");
            var head = lane.Records.Peek().Progress;
            var taken = lane.Records.Take(most).TakeWhile(r => ReferenceEquals(r.Progress, head)).ToList();
            Runs.Add(lane.Key, (lane, taken));
            return (lane.Key, [.. taken.Select(r => r.Offset)]);
        }

        /// <summary>Before the run ends, which nobody does but the broken rule.</summary>
        public void Complete(ConversationKey key, int count)
        {
            var done = Runs[key].Taken.Take(count).ToList();
            if (done.Count == 0 || !done[0].Progress.TryEnter()) return;
            done[0].Progress.Exit([.. done.Select(record => record.Ticket)]);
            Forget(done);
        }

        public void Finish(ConversationKey key, int completed)
        {
            Runs.Remove(key, out var run);
            var done = run.Taken.Take(completed).ToList();
            Scheduler.Finish(run.Lane, completed, null);
            Forget(done);
            run.Taken[0].Progress.Exit([.. done.Select(record => record.Ticket)]);
            _queued[key].RemoveRange(0, completed);
            Forget(key);
        }

        public void DropGivenUp()
        {
            Scheduler.DropGivenUp();
            foreach (var key in _queued.Keys.ToList()) Forget(key);
        }

        public string Print() => string.Create(CultureInfo.InvariantCulture, $"{Progress?.State} {Position} {Committable} {string.Join(' ', _queued.OrderBy(q => q.Key.ConversationId, StringComparer.Ordinal).Where(q => q.Value.Count > 0).Select(Show))}");

        private static string Show(KeyValuePair<ConversationKey, List<QueuedRecord>> queue) =>
            $"{queue.Key.ConversationId}:{string.Join(',', queue.Value.Select(r => r.Progress.State == PartitionState.Fenced ? "-" : $"{r.Offset}"))}";

        private void Forget(List<QueuedRecord> done)
        {
            if (done.Count == 0 || !ReferenceEquals(done[0].Progress, Progress) || Progress!.State == PartitionState.Fenced) return;
            foreach (var record in done) _unfinished.Remove(record.Offset);
        }

        private void Forget(ConversationKey key)
        {
            if (!Runs.ContainsKey(key)) _queued[key].RemoveAll(r => r.Progress.State != PartitionState.Active);
        }
    }
}
