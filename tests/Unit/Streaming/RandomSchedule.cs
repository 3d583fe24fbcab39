using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Streaming;

namespace Parley.Unit.Streaming;

/// <summary>A seeded run of the scheduler against a plain model of what it owes: order, one run a lane, caps, no lost wake-up.</summary>
internal sealed class RandomSchedule
{
    private const int Tenants = 5;
    private const int Partitions = 3;

    private readonly int _seed;
    private readonly Random _random;
    private readonly int _permits;
    private readonly int[] _caps;
    private readonly LaneScheduler _scheduler;
    private readonly PartitionProgress[] _partitions;
    private readonly List<Lane> _running = [];
    private readonly Dictionary<ConversationKey, List<(long Offset, PartitionProgress Progress)>> _owed = [];
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private long _offset;
    private int _step;

    public RandomSchedule(int seed)
    {
        (_seed, _random) = (seed, new Random(seed));
        _permits = _random.Next(1, 8);
        _caps = [.. Enumerable.Range(0, Tenants).Select(_ => _random.Next(0, 4))];
        _partitions = [.. Enumerable.Range(0, Partitions).Select(i => new PartitionProgress(i, -1))];
        _scheduler = new LaneScheduler(_permits, tenant => new LaneShare($"pool{tenant[1] % 2}", _random.Next(1, 4), _caps[tenant[1] - '0']));
    }

    public void Run(int steps)
    {
        for (_step = 0; _step < steps; _step++)
        {
            _now = _now.AddMilliseconds(_random.Next(5));
            switch (_random.Next(100))
            {
                case < 40: Add(); break;
                case < 70: TryStart(); break;
                case < 80 when _running.Count > 0: _scheduler.ReleasePermit(_running[_random.Next(_running.Count)]); break;
                case < 99 when _running.Count > 0: Finish(_running[_random.Next(_running.Count)], _random.Next(0, 2), mayWait: true); break;
                case 99: GiveUp(_random.Next(Partitions)); break;
            }

            CheckPermits();
        }

        RunEmpty();
    }

    private void Add()
    {
        var key = new ConversationKey($"t{_random.Next(Tenants)}", $"{_random.Next(10)}");
        var progress = _partitions[(key.Tenant[1] + key.ConversationId[0]) % Partitions];
        var offset = _offset++;
        if (!_owed.TryGetValue(key, out var owed)) _owed.Add(key, owed = []);
        owed.Add((offset, progress));
        _scheduler.Add(key, new QueuedRecord(new KafkaRecord(null, null, []), progress, offset, progress.Track(offset), 10));
    }

    private bool TryStart()
    {
        if (!_scheduler.TryStart(_now, out var lane)) return false;
        Check(!_running.Exists(r => r.Key == lane.Key), $"{lane.Key} runs twice");
        Check(_owed[lane.Key][0].Offset == lane.Records.Peek().Offset, $"{lane.Key} out of order");
        _running.Add(lane);
        return true;
    }

    private void Finish(Lane lane, int completed, bool mayWait)
    {
        _running.Remove(lane);
        var progress = lane.Records.Peek().Progress;
        if (completed == 1) _owed[lane.Key].RemoveAt(0);
        _scheduler.Finish(lane, completed, mayWait && _random.Next(3) == 0 ? _now.AddMilliseconds(_random.Next(50)) : null);
        progress.Exit();
        if (_owed[lane.Key].FirstOrDefault().Progress is { State: not PartitionState.Active }) Forget(lane.Key);
    }

    private void GiveUp(int partition)
    {
        _ = _partitions[partition].DrainAsync();
        _scheduler.DropGivenUp();
        _partitions[partition] = new PartitionProgress(partition, -1);
        foreach (var key in _owed.Keys.Where(k => !_running.Exists(r => r.Key == k))) Forget(key);
    }

    private void Forget(ConversationKey key) => _owed[key].RemoveAll(o => o.Progress.State != PartitionState.Active);

    /// <summary>No wake-up is lost: given time, everything that is owed runs, and nothing is left behind.</summary>
    private void RunEmpty()
    {
        for (var round = 0; round < 100_000; round++)
        {
            _now = _now.AddSeconds(1);
            foreach (var lane in _running.ToList()) Finish(lane, 1, mayWait: false);
            while (TryStart()) CheckPermits();
            if (_running.Count == 0) break;
        }

        Check(_owed.Values.All(o => o.Count == 0), "a record never ran");
        Check(_scheduler is { Lanes: 0, BufferedRecords: 0, BufferedBytes: 0, RunningLanes: 0 }, "something was left behind");
    }

    private void CheckPermits()
    {
        var holding = _running.Where(r => r.HoldsPermit).ToList();
        Check(holding.GroupBy(r => r.Tenant.Pool).All(g => g.Count() <= _permits), "more permits than there are");
        Check(holding.GroupBy(r => r.Key.Tenant).All(g => _caps[g.Key[1] - '0'] is 0 || g.Count() <= _caps[g.Key[1] - '0']), "a tenant over its cap");
    }

    private void Check(bool holds, string problem) => Assert.True(holds, $"seed {_seed}, step {_step}: {problem}");
}
