using Parley.Common.Conversations;

namespace Parley.Unit.Simulation;

/// <summary>A topic and its consumer group: logs, committed offsets, members that join, leave, fall silent; partitions that move.</summary>
internal sealed class SimTopic(SimWorld world, string name, int partitions)
{
    private readonly List<object>[] _logs = [.. Enumerable.Range(0, partitions).Select(_ => new List<object>())];
    private readonly List<DateTimeOffset>[] _writtenAt = [.. Enumerable.Range(0, partitions).Select(_ => new List<DateTimeOffset>())];
    private readonly long[] _committed = new long[partitions];
    private readonly SimConsumer?[] _owners = new SimConsumer?[partitions];
    private readonly List<SimConsumer> _members = [];

    public string Name => name;

    /// <summary>What must hold of every record below a committed offset.</summary>
    public Func<object, bool> IsSettled { get; set; } = static _ => true;

    public int PartitionOf(ConversationKey key) => (int)((uint)key.ToRecordKey().Aggregate(17, (h, c) => unchecked((h * 31) + c)) % (uint)partitions);

    public IEnumerable<(int Partition, long Offset, object Record)> All =>
        _logs.SelectMany((log, p) => log.Select((record, offset) => (p, (long)offset, record)));

    public bool IsConsumed => Enumerable.Range(0, partitions).All(p => _committed[p] == _logs[p].Count);

    public void Append(ConversationKey key, object record)
    {
        _logs[PartitionOf(key)].Add(record);
        _writtenAt[PartitionOf(key)].Add(world.Now);
    }

    public DateTimeOffset WrittenAt(int partition, long offset) => _writtenAt[partition][(int)offset];

    public object? Read(int partition, long offset) => offset < _logs[partition].Count ? _logs[partition][(int)offset] : null;

    public bool Owns(SimConsumer consumer, int partition) => ReferenceEquals(_owners[partition], consumer);

    /// <summary>As the client does it: refused unless the partition is the caller's.</summary>
    public void Commit(SimConsumer consumer, int partition, long offset)
    {
        if (!Owns(consumer, partition))
        {
            world.Count("commit refused");
            return;
        }

        world.Check(offset >= _committed[partition], $"{name}/{partition}: committed {offset} after {_committed[partition]}");
        for (var o = _committed[partition]; o < offset; o++)
        {
            world.Check(IsSettled(_logs[partition][(int)o]), $"{name}/{partition}: committed {offset}, but {o} is not settled");
        }

        _committed[partition] = offset;
    }

    public void Join(SimConsumer consumer)
    {
        _members.Add(consumer);
        Rebalance();
    }

    /// <summary>Leaves in good order, or is found dead when its session is over.</summary>
    public void Remove(SimConsumer consumer)
    {
        if (!_members.Remove(consumer)) return;
        for (var p = 0; p < partitions; p++)
        {
            if (ReferenceEquals(_owners[p], consumer)) _owners[p] = null;
        }

        consumer.OnLost();
        Rebalance();
    }

    /// <summary>Moves every partition that is on the wrong member, as the cooperative protocol does: taken away first, given when free.</summary>
    public void Rebalance()
    {
        if (_members.Count == 0) return;
        for (var p = 0; p < partitions; p++)
        {
            var target = _members[(p + world.Random.Next(_members.Count)) % _members.Count];
            var partition = p;
            if (_owners[p] is not { } owner) Give(partition, target);
            else if (!ReferenceEquals(owner, target)) owner.OnRevoked(partition, () => MoveTo(partition, owner, target));
        }
    }

    private void MoveTo(int partition, SimConsumer from, SimConsumer to)
    {
        if (!ReferenceEquals(_owners[partition], from)) return;
        _owners[partition] = null;
        Give(partition, _members.Contains(to) ? to : _members.FirstOrDefault());
    }

    private void Give(int partition, SimConsumer? target)
    {
        if (target is null) return;
        _owners[partition] = target;
        world.Count("assigned");
        target.OnAssigned(partition, _committed[partition]);
    }
}
