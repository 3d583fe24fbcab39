using Parley.Common.Conversations;

namespace Parley.Common.Streaming;

/// <summary>
/// Which lane runs next. A lane runs one turn at a time; of a tenant's lanes the one that has stood longest and the busiest go by turns;
/// tenants share a pool's permits by deficit round robin, each up to its own cap. Finding, queueing and finishing a lane are O(1): nothing is
/// ever scanned, except when a partition is given up.
/// </summary>
/// <remarks>
/// A state machine: no clock, no I/O, no threads. Times are arguments. Not thread-safe: its owner holds one lock around it, so that the
/// seeded simulation can drive the very same code in one thread.
/// </remarks>
internal sealed class LaneScheduler(int permitsPerPool, Func<string, LaneShare> shareOf)
{
    private readonly Dictionary<ConversationKey, Lane> _lanes = [];
    private readonly Dictionary<string, TenantQueue> _tenants = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PermitPool> _pools = new(StringComparer.Ordinal);
    private readonly PriorityQueue<Lane, DateTimeOffset> _waiting = new();
    private readonly Queue<PermitPool> _startable = new();
    private readonly List<PermitPool> _suspended = [];

    /// <summary>Records queued or running.</summary>
    public int BufferedRecords { get; private set; }

    public long BufferedBytes { get; private set; }

    /// <summary>Conversations with something to do.</summary>
    public int Lanes => _lanes.Count;

    /// <summary>Lanes that run now.</summary>
    public int RunningLanes { get; private set; }

    /// <summary>Queues a record behind the others of its conversation, and returns its lane.</summary>
    public Lane Add(ConversationKey key, QueuedRecord record)
    {
        if (!_lanes.TryGetValue(key, out var lane))
        {
            _lanes.Add(key, lane = new Lane(key, TenantOf(key.Tenant)));
            lane.Tenant.Lanes++;
        }

        lane.Records.Enqueue(record);
        lane.Tenant.Records++;
        BufferedRecords++;
        BufferedBytes += record.Bytes;
        if (lane.State == LaneState.Idle) MakeReady(lane);
        return lane;
    }

    /// <summary>Picks the next lane and takes its permit; false when no lane may run now.</summary>
    public bool TryStart(DateTimeOffset now, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Lane? started)
    {
        Wake(now);
        while (_startable.TryPeek(out var pool))
        {
            if (!pool.CanStart || Next(pool) is not { } lane)
            {
                _startable.Dequeue();
                pool.IsQueued = false;
                continue;
            }

            if (!lane.Records.Peek().Progress.TryEnter())
            {
                lane.State = LaneState.Idle;
                DropGivenUp(lane);
                continue;
            }

            // To the end, so that pools take turns too.
            _startable.Enqueue(_startable.Dequeue());
            lane.State = LaneState.Running;
            lane.HoldsPermit = true;
            lane.Tenant.Running++;
            pool.InUse++;
            RunningLanes++;
            started = lane;
            return true;
        }

        started = null;
        return false;
    }

    /// <summary>The permit is free again while the lane still runs.</summary>
    public void ReleasePermit(Lane lane)
    {
        if (!lane.HoldsPermit) return;
        lane.HoldsPermit = false;
        lane.Tenant.Pool.InUse--;
        lane.Tenant.Running--;
        JoinRound(lane.Tenant);
        QueuePool(lane.Tenant.Pool);
    }

    /// <summary>
    /// Ends a run: the first <paramref name="completed"/> records leave the lane (the caller completes their offsets), the lane goes on,
    /// waits until <paramref name="notBefore"/>, or disappears.
    /// </summary>
    public void Finish(Lane lane, int completed, DateTimeOffset? notBefore)
    {
        ReleasePermit(lane);
        RunningLanes--;
        lane.State = LaneState.Idle;
        lane.OnAdded = null;
        for (; completed > 0; completed--) Forget(lane, lane.Records.Dequeue());

        if (lane.Records.TryPeek(out var head) && head.Progress.State != PartitionState.Active) DropGivenUp(lane);
        else if (lane.Records.Count == 0) Remove(lane);
        else if (notBefore is { } due) Wait(lane, due);
        else MakeReady(lane);
    }

    /// <summary>Nothing of this pool starts before <paramref name="until"/>.</summary>
    public void Suspend(string poolName, DateTimeOffset until)
    {
        if (!_pools.TryGetValue(poolName, out var pool) || until <= pool.SuspendedUntil) return;
        if (!pool.IsSuspended) _suspended.Add(pool);
        pool.SuspendedUntil = until;
    }

    /// <summary>When something that waits may start; null when nothing waits for time.</summary>
    public DateTimeOffset? NextDue()
    {
        DateTimeOffset? due = _waiting.TryPeek(out _, out var at) ? at : null;
        foreach (var pool in _suspended)
        {
            if (due is null || pool.SuspendedUntil < due) due = pool.SuspendedUntil;
        }

        return due;
    }

    /// <summary>
    /// Throws away the queued records of assignments that are no longer active; their new owner reads them again. Runs that are under way
    /// keep theirs until they finish. The one operation that looks at every lane.
    /// </summary>
    public void DropGivenUp()
    {
        foreach (var lane in _lanes.Values.ToList())
        {
            if (lane.State != LaneState.Running) DropGivenUp(lane);
        }
    }

    private void DropGivenUp(Lane lane)
    {
        for (var n = lane.Records.Count; n > 0; n--)
        {
            var record = lane.Records.Dequeue();
            if (record.Progress.State == PartitionState.Active) lane.Records.Enqueue(record);
            else Forget(lane, record);
        }

        // A ready lane without records stands in its tenant's queue and is dropped when its turn comes.
        if (lane.State == LaneState.Ready) return;
        if (lane.Records.Count == 0) Remove(lane);
        else if (lane.State == LaneState.Idle) MakeReady(lane);
    }

    private TenantQueue TenantOf(string tenant)
    {
        if (_tenants.TryGetValue(tenant, out var known)) return known;

        var share = shareOf(tenant);
        if (!_pools.TryGetValue(share.Pool, out var pool)) _pools.Add(share.Pool, pool = new PermitPool(share.Pool, permitsPerPool));
        _tenants.Add(tenant, known = new TenantQueue(tenant, pool, share.Weight, share.MaxConcurrent));
        return known;
    }

    private void MakeReady(Lane lane)
    {
        lane.State = LaneState.Ready;
        lane.Tenant.Enqueue(lane);
        JoinRound(lane.Tenant);
    }

    private void Wait(Lane lane, DateTimeOffset due)
    {
        lane.State = LaneState.Waiting;
        lane.DueAt = due;
        _waiting.Enqueue(lane, due);
    }

    private void Wake(DateTimeOffset now)
    {
        while (_waiting.TryPeek(out var lane, out var due) && due <= now)
        {
            _waiting.Dequeue();
            if (lane.State != LaneState.Waiting || lane.DueAt != due) continue;
            if (lane.Records.Count > 0) MakeReady(lane);
        }

        for (var i = _suspended.Count - 1; i >= 0; i--)
        {
            var pool = _suspended[i];
            if (pool.SuspendedUntil > now) continue;
            pool.SuspendedUntil = DateTimeOffset.MinValue;
            _suspended.RemoveAt(i);
            QueuePool(pool);
        }
    }

    private void JoinRound(TenantQueue tenant)
    {
        if (tenant.InRound || !tenant.CanStart) return;
        tenant.InRound = true;
        tenant.Credit = tenant.Weight;
        tenant.Pool.Round.Enqueue(tenant);
        QueuePool(tenant.Pool);
    }

    private void QueuePool(PermitPool pool)
    {
        if (pool.IsQueued || !pool.CanStart) return;
        pool.IsQueued = true;
        _startable.Enqueue(pool);
    }

    /// <summary>The next lane of the round. A tenant spends its credit, then goes to the end; one that cannot start leaves and joins again when it can.</summary>
    private Lane? Next(PermitPool pool)
    {
        while (pool.Round.TryPeek(out var tenant))
        {
            if (!tenant.CanStart)
            {
                pool.Round.Dequeue();
                tenant.InRound = false;
                continue;
            }

            if (tenant.Credit == 0)
            {
                tenant.Credit = tenant.Weight;
                pool.Round.Enqueue(pool.Round.Dequeue());
                continue;
            }

            var lane = tenant.Dequeue();
            if (lane.Records.Count == 0)
            {
                lane.State = LaneState.Idle;
                Remove(lane);
                continue;
            }

            tenant.Credit--;
            return lane;
        }

        return null;
    }

    // A lane that stood ready without records may be gone already, or have a successor.
    private void Remove(Lane lane)
    {
        if (!_lanes.TryGetValue(lane.Key, out var present) || !ReferenceEquals(present, lane)) return;
        _lanes.Remove(lane.Key);
        lane.Tenant.Lanes--;
    }

    private void Forget(Lane lane, QueuedRecord record)
    {
        lane.Tenant.Records--;
        BufferedRecords--;
        BufferedBytes -= record.Bytes;
    }
}
