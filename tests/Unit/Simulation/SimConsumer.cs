using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Streaming;

namespace Parley.Unit.Simulation;

/// <summary>
/// One incarnation of a consuming process: the real scheduler and the real progress of partitions, driven by simulated polls. It can
/// crash (then it is gone with all it knew) or be paused beyond its session and come back as a zombie that does not know it yet.
/// </summary>
internal sealed class SimConsumer
{
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(10);
    private readonly SimWorld _world;
    private readonly SimTopic _topic;
    private readonly Action<SimRun> _handle;
    private readonly LaneScheduler _scheduler;
    private readonly Dictionary<int, PartitionProgress> _owned = [];
    private readonly Dictionary<int, long> _position = [];
    private readonly List<Action> _frozen = [];
    private readonly int _lookAhead;
    private bool _dead;
    private bool _paused;

    public SimConsumer(SimWorld world, SimTopic topic, Action<SimRun> handle)
    {
        (_world, _topic, _handle) = (world, topic, handle);
        _scheduler = new LaneScheduler(world.Knobs.Permits, static _ => new LaneShare("engine"));
        _lookAhead = world.Random.Next(1, 40);
        topic.Join(this);
        Every(50, Poll);
        Every(200, Commit);
    }

    public bool IsDead => _dead;

    /// <summary>Ends the process as an unhandled fault does.</summary>
    public Action? Kill { get; init; }

    /// <summary>Whether a turn that a process has died in is under way.</summary>
    public bool IsolationTaken { get; set; }

    public bool IsIdle => !_dead && !_paused && _scheduler.BufferedRecords == 0;

    /// <summary>What happens to this process happens only while it lives, and waits while it is paused.</summary>
    public void When(int most, Action action) => _world.Soon(most, () => Guarded(action));

    public void Crash(Action restart)
    {
        _dead = true;
        _world.Count($"{_topic.Name} crash");
        _world.After(_world.Knobs.Session, () => _topic.Remove(this));
        _world.Soon(8000, restart);
    }

    public void Pause()
    {
        if (_paused || _dead) return;
        _paused = true;
        _world.Count($"{_topic.Name} pause");
        var silentFrom = _world.Now;
        _world.After(_world.Knobs.Session, () =>
        {
            if (_paused && !_dead && _world.Now - silentFrom >= _world.Knobs.Session) _topic.Remove(this);
        });
        // Now and then for longer than a dispatcher's lease.
        _world.Soon(_world.Random.Next(4) == 0 ? 80_000 : 20_000, Resume);
    }

    public void OnAssigned(int partition, long committed) => Guarded(() =>
    {
        if (!_topic.Owns(this, partition)) return;
        _owned[partition] = new PartitionProgress(partition, committed, new Handover(_world.Now, 32_768));
        _position[partition] = committed;
    });

    /// <summary>Drains, stores, fences, and only then lets go.</summary>
    public void OnRevoked(int partition, Action letGo) => Guarded(() =>
    {
        if (!_owned.TryGetValue(partition, out var progress)) return;
        var drained = progress.DrainAsync();
        _scheduler.DropGivenUp();
        var deadline = _world.Now + DrainTime;
        Await();

        void Await()
        {
            if (!drained.IsCompleted && _world.Now < deadline)
            {
                _world.After(TimeSpan.FromMilliseconds(50), () => Guarded(Await));
                return;
            }

            if (!drained.IsCompleted) _world.Count("drain timed out");
            Store(partition, progress);
            GiveUp(partition, progress);
            letGo();
        }
    });

    /// <summary>The group has gone on without us: everything is somebody else's. A paused process learns it when it wakes, after it has acted.</summary>
    public void OnLost() => Guarded(() =>
    {
        _world.Count("lost");
        foreach (var (partition, progress) in _owned.ToList()) GiveUp(partition, progress);
        _topic.Join(this);
    });

    private void Resume()
    {
        _paused = false;
        var waiting = _frozen.ToList();
        _frozen.Clear();
        foreach (var action in waiting) Guarded(action);
    }

    private void Guarded(Action action)
    {
        if (_dead) return;
        if (_paused) _frozen.Add(action);
        else action();
    }

    private void Every(int milliseconds, Action action) => _world.After(TimeSpan.FromMilliseconds(milliseconds), () =>
    {
        if (_dead) return;
        if (!_paused) action();
        Every(milliseconds, action);
    });

    private void Poll()
    {
        foreach (var (partition, progress) in _owned)
        {
            while (_scheduler.BufferedRecords < _lookAhead && progress.State == PartitionState.Active && _topic.Read(partition, _position[partition]) is { } record)
            {
                var offset = _position[partition]++;
                var mayHaveRun = progress.MayHaveRun(offset, _topic.WrittenAt(partition, offset));
                _scheduler.Add(KeyOf(record), new QueuedRecord(new KafkaRecord(null, null, []), progress, offset, progress.Track(offset), 1, mayHaveRun));
            }
        }

        Pump();
    }

    private void Pump()
    {
        while (_scheduler.TryStart(_world.Now, out var lane))
        {
            var progress = lane.Records.Peek().Progress;
            var taken = lane.Records.Take(_world.Knobs.RecordsPerRun).TakeWhile(r => ReferenceEquals(r.Progress, progress)).ToList();
            var started = lane;
            _handle(new SimRun(
                this, progress, [.. taken.Select(r => (r.Offset, _topic.Read(progress.Partition, r.Offset)!, r.MayHaveRun))], lane,
                IsOwner: () => !_dead && !_paused && progress.State != PartitionState.Fenced && _topic.Owns(this, progress.Partition),
                Suspend: after => _scheduler.Suspend("engine", _world.Now + after),
                ReleasePermit: () => _scheduler.ReleasePermit(started),
                Finish: (completed, after, told) => Finish(started, taken, completed, after, told),
                FinishAfter: (completed, follow) => Finish(started, taken, completed, follow)));
        }
    }

    private void Finish(Lane lane, List<QueuedRecord> taken, int completed, TimeSpan? after, IReadOnlyList<ConversationEvent> facts)
    {
        if (facts.Count == 0) Complete(taken, completed);
        _scheduler.Finish(lane, completed, after is { } wait ? _world.Now + wait : null);
        if (facts.Count > 0) When(150, () => Tell(taken, completed, facts));
        Pump();
    }

    /// <summary>The lane goes on while what it has to publish follows: the offsets count when that and its facts are there.</summary>
    private void Finish(Lane lane, List<QueuedRecord> taken, int completed, Action<Action<IReadOnlyList<ConversationEvent>>> follow)
    {
        _scheduler.Finish(lane, completed, null);

        // Now and then the broker takes longer than a session.
        When(_world.Random.Next(8) == 0 ? 15_000 : 20, () => follow(facts =>
        {
            if (facts.Count == 0) Complete(taken, completed);
            else When(150, () => Tell(taken, completed, facts));
        }));
        Pump();
    }

    /// <summary>As the lane runner: the lane has gone on; the offsets count when the facts are there.</summary>
    private void Tell(List<QueuedRecord> taken, int completed, IReadOnlyList<ConversationEvent> facts)
    {
        if (_world.Strikes(_world.Knobs.PublishFails, "facts not acknowledged"))
        {
            if (taken[0].Progress.Ended.IsCancellationRequested) taken[0].Progress.Exit();
            else When(1000, () => Tell(taken, completed, facts));
            return;
        }

        _world.Told.UnionWith(facts.Select(f => f.EventId));
        Complete(taken, completed);
    }

    private static void Complete(List<QueuedRecord> taken, int completed) =>
        taken[0].Progress.Exit([.. taken.Take(completed).Select(record => record.Ticket)]);

    private void Commit()
    {
        foreach (var (partition, progress) in _owned) Store(partition, progress);
    }

    private void Store(int partition, PartitionProgress progress)
    {
        if (progress.TakeCommittable() is { } offset) _topic.Commit(this, partition, offset);
    }

    private void GiveUp(int partition, PartitionProgress progress)
    {
        progress.Fence();
        _owned.Remove(partition);
        _scheduler.DropGivenUp();
    }

    private static ConversationKey KeyOf(object record) => record switch
    {
        InboundMessage message => message.Key,
        ConversationCommand command => command.Key,
        _ => ((Reply)record).Key,
    };
}

/// <summary>One run of a lane, for the handler: what to handle and how to end.</summary>
internal sealed record SimRun(
    SimConsumer Consumer, PartitionProgress Progress, IReadOnlyList<(long Offset, object Record, bool MayHaveRun)> Records, Lane Lane,
    Func<bool> IsOwner, Action<TimeSpan> Suspend, Action ReleasePermit, Action<int, TimeSpan?, IReadOnlyList<ConversationEvent>> Finish,
    Action<int, Action<Action<IReadOnlyList<ConversationEvent>>>> FinishAfter)
{
    public ConversationKey Key => Lane.Key;
}
