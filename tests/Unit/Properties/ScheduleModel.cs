using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Streaming;

namespace Parley.Unit.Properties;

/// <summary>
/// The scheduler next to a naive model of what it owes, driven by one list of draws. The model keeps a list of records for every conversation
/// and looks at everything every time.
/// </summary>
internal sealed class ScheduleModel
{
    private const int Tenants = 4;
    private const int Partitions = 2;

    private readonly Draws _draws;
    private readonly int _permits;
    private readonly (int Weight, int Cap)[] _shares;
    private readonly LaneScheduler _scheduler;
    private readonly PartitionProgress[] _partitions;
    private readonly Dictionary<ConversationKey, Owed> _owed = [];
    private readonly Dictionary<string, DateTimeOffset> _suspended = [];
    private readonly List<string> _told = [];
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private bool _gaveUp;
    private long _offset;

    public ScheduleModel(Draws draws)
    {
        _draws = draws;
        _permits = draws.From(1, 4);
        _shares = [.. Enumerable.Range(0, Tenants).Select(_ => (draws.From(1, 3), draws.Below(3)))];
        _partitions = [.. Enumerable.Range(0, Partitions).Select(p => new PartitionProgress(p, 0))];
        _scheduler = new LaneScheduler(_permits, tenant => new LaneShare(PoolOf(tenant), _shares[Number(tenant)].Weight, _shares[Number(tenant)].Cap));
        _told.Add($"{_permits} permits, weights {string.Join(' ', _shares.Select(s => s.Weight))}, caps {string.Join(' ', _shares.Select(s => s.Cap))}");
    }

    private IEnumerable<Owed> Running => _owed.Values.Where(o => o.Lane is not null);

    public void Run()
    {
        while (_draws.AreLeft) Step();
        RunEmpty();
    }

    private void Step()
    {
        switch (_draws.Below(12))
        {
            case 0 or 1 or 2 or 3: Add(); break;
            case 4 or 5 or 6: TryStart(); break;
            case 7 or 8 when Running.Any(): Finish(Pick(), _draws.Below(3), _draws.OnceIn(3) ? _now.AddSeconds(_draws.Below(4)) : null); break;
            case 9 when Running.Any(): ReleasePermit(Pick()); break;
            case 10: Tell($"time +{_now = _now.AddSeconds(_draws.Below(3)):ss}"); break;
            case 11 when _draws.OnceIn(3): GiveUp(_draws.Below(Partitions)); break;
            case 11: Suspend(); break;
        }

        CheckCounters();
        ForgetWaits();
    }

    private Owed Pick()
    {
        var running = Running.ToList();
        return running[_draws.Below(running.Count)];
    }

    private void Add()
    {
        var key = new ConversationKey($"t{_draws.Below(Tenants)}", $"c{_draws.Below(3)}");
        var progress = _partitions[(Number(key.Tenant) + key.ConversationId[1]) % Partitions];
        if (!_owed.TryGetValue(key, out var owed)) _owed.Add(key, owed = new Owed(key));

        var record = new QueuedRecord(new KafkaRecord(null, null, []), progress, _offset, progress.Track(_offset), _draws.Below(100));
        _offset++;
        Tell($"add {key}@{record.Offset}");
        owed.Records.Add(record);
        _scheduler.Add(key, record);
    }

    private bool TryStart()
    {
        foreach (var waiting in _owed.Values.Where(o => o.NotBefore <= _now)) waiting.NotBefore = null;
        foreach (var pool in _suspended.Where(s => s.Value <= _now).Select(s => s.Key).ToList()) _suspended.Remove(pool);
        var eligible = _owed.Values.Where(MayRun).ToList();

        if (!_scheduler.TryStart(_now, out var lane))
        {
            Check(eligible.Count == 0, $"nothing starts, but {string.Join(' ', eligible.Select(o => o.Key))} could");
            return false;
        }

        Tell($"start {lane.Key}");
        var started = eligible.Find(o => o.Key == lane.Key);
        Check(started is not null, $"{lane.Key} must not start");
        Check(started!.Records[0].Offset == lane.Records.Peek().Offset, $"{lane.Key} starts with {lane.Records.Peek().Offset}, not {started.Records[0].Offset}");
        Check(lane.Records.Select(r => r.Offset).SequenceEqual(started.Records.Select(r => r.Offset)), $"{lane.Key} has other records than it is owed");
        CheckFairness(started);
        (started.Lane, started.HoldsPermit) = (lane, true);
        ForgetWaits();
        return true;
    }

    private void Finish(Owed owed, int completed, DateTimeOffset? notBefore)
    {
        completed = Math.Min(completed, owed.Records.Count);
        Tell($"finish {owed.Key} {completed} {notBefore:ss}");
        var lane = owed.Lane!;
        var progress = owed.Records[0].Progress;
        owed.Records.RemoveRange(0, completed);
        (owed.Lane, owed.HoldsPermit) = (null, false);
        _scheduler.Finish(lane, completed, notBefore);
        progress.Exit();

        // A conversation that goes to another process is not kept waiting.
        var gone = owed.Records.RemoveAll(r => r.Progress.State != PartitionState.Active);
        owed.NotBefore = gone > 0 || owed.Records.Count == 0 ? null : notBefore;
    }

    private void ReleasePermit(Owed owed)
    {
        Tell($"release {owed.Key}");
        owed.HoldsPermit = false;
        _scheduler.ReleasePermit(owed.Lane!);
    }

    private void Suspend()
    {
        var pool = $"p{_draws.Below(2)}";
        var until = _now.AddSeconds(_draws.From(1, 4));
        // The pool of a tenant that nobody has heard of does not exist yet.
        if (!_owed.Keys.Any(k => PoolOf(k.Tenant) == pool)) return;
        Tell($"suspend {pool} until {until:ss}");
        if (until > _suspended.GetValueOrDefault(pool)) _suspended[pool] = until;
        _scheduler.Suspend(pool, until);
    }

    private void GiveUp(int partition)
    {
        Tell($"give up {partition}");
        _gaveUp = true;
        if (_draws.Flip()) _partitions[partition].Fence();
        else _ = _partitions[partition].DrainAsync();
        _partitions[partition] = new PartitionProgress(partition, _offset);
        _scheduler.DropGivenUp();
        foreach (var owed in _owed.Values.Where(o => o.Lane is null))
        {
            owed.Records.RemoveAll(r => r.Progress.State != PartitionState.Active);
            if (owed.Records.Count == 0) owed.NotBefore = null;
        }
    }

    private bool MayRun(Owed owed) =>
        owed.Records.Count > 0 && owed.Lane is null && owed.NotBefore is null && !_suspended.ContainsKey(PoolOf(owed.Key.Tenant))
        && Running.Count(r => r.HoldsPermit && PoolOf(r.Key.Tenant) == PoolOf(owed.Key.Tenant)) < _permits
        && IsBelowCap(owed.Key.Tenant);

    /// <summary>
    /// A tenant that could run, were there a permit, waits for one visit of each other tenant of its pool, each as long as its weight; a lane waits
    /// for each other lane of its tenant once.
    /// </summary>
    private void CheckFairness(Owed started)
    {
        foreach (var lane in _owed.Values.Where(o => o != started && Stands(o) && PoolOf(o.Key.Tenant) == PoolOf(started.Key.Tenant)))
        {
            var tenant = lane.Key.Tenant;
            if (tenant == started.Key.Tenant)
            {
                lane.Overtakers = 0;
                // Once by each that stands before it in the line, and once between two of these by a busy one.
                var most = 2 * _owed.Keys.Count(k => k.Tenant == tenant) - 1;
                Check(++lane.Overtaken <= most, $"{lane.Key} is ready while {lane.Overtaken} others of its tenant start, the last of them {started.Key}");
                continue;
            }

            var others = _owed.Keys.Select(k => k.Tenant).Distinct().Where(t => t != tenant && PoolOf(t) == PoolOf(tenant)).Sum(t => _shares[Number(t)].Weight);
            Check(++lane.Overtakers <= others, $"{tenant} waits for {lane.Overtakers} others, the weights allow {others}");
        }
    }

    private bool Stands(Owed owed) => owed.Records.Count > 0 && owed.Lane is null && owed.NotBefore is null && IsBelowCap(owed.Key.Tenant);

    private bool IsBelowCap(string tenant) => CapOf(tenant) == 0 || Running.Count(r => r.HoldsPermit && r.Key.Tenant == tenant) < CapOf(tenant);

    private void ForgetWaits()
    {
        foreach (var owed in _owed.Values.Where(o => !Stands(o)))
        {
            owed.Overtakers = 0;
            owed.Overtaken = 0;
        }
    }

    private void CheckCounters()
    {
        Check(_scheduler.BufferedRecords == _owed.Values.Sum(o => o.Records.Count), $"{_scheduler.BufferedRecords} records are buffered");
        Check(_scheduler.BufferedBytes == _owed.Values.Sum(o => o.Records.Sum(r => (long)r.Bytes)), $"{_scheduler.BufferedBytes} bytes are buffered");
        Check(_scheduler.RunningLanes == Running.Count(), $"{_scheduler.RunningLanes} lanes run");
        // Lanes whose records were given up may stand in their queue a little longer.
        var lanes = _owed.Values.Count(o => o.Records.Count > 0 || o.Lane is not null);
        Check(_gaveUp ? _scheduler.Lanes >= lanes : _scheduler.Lanes == lanes, $"{_scheduler.Lanes} lanes");
    }

    private void RunEmpty()
    {
        Tell("run empty");
        for (var rounds = 0; Running.Any() || TryStart(); rounds++)
        {
            Check(rounds < 10_000, "it never ends");
            while (TryStart()) CheckCounters();
            Finish(Running.First(), 1, null);
            CheckCounters();
            if (_scheduler.NextDue() is { } due && due > _now) _now = due;
        }

        while (_scheduler.NextDue() is { } due)
        {
            if (due > _now) _now = due;
            var before = _scheduler.BufferedRecords;
            while (TryStart()) Finish(Running.First(), 1, null);
            Check(_scheduler.BufferedRecords < before || _scheduler.NextDue() != due, $"{due:ss} stays due");
        }

        Check(_owed.Values.All(o => o.Records.Count == 0), "a record never ran");
        Check(_scheduler is { Lanes: 0, BufferedRecords: 0, BufferedBytes: 0, RunningLanes: 0 }, $"left behind: {_scheduler.Lanes} lanes, {_scheduler.BufferedRecords} records, {_scheduler.BufferedBytes} bytes, {_scheduler.RunningLanes} running");
    }

    private int CapOf(string tenant) => _shares[Number(tenant)].Cap;

    private static string PoolOf(string tenant) => $"p{Number(tenant) % 2}";

    private static int Number(string tenant) => tenant[1] - '0';

    private void Tell(string what) => _told.Add(what);

    private void Check(bool holds, string problem) => Assert.True(holds, holds ? "" : $"{problem}\n{string.Join("\n", _told)}");

    private sealed record Owed(ConversationKey Key)
    {
        public List<QueuedRecord> Records { get; } = [];
        public Lane? Lane { get; set; }
        public bool HoldsPermit { get; set; }
        public DateTimeOffset? NotBefore { get; set; }

        /// <summary>Starts of other tenants of the pool since it was ready or one of its tenant ran.</summary>
        public int Overtakers { get; set; }

        /// <summary>Lanes of its own tenant that started since it was ready.</summary>
        public int Overtaken { get; set; }
    }
}
