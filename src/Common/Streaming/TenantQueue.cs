namespace Parley.Common.Streaming;

/// <summary>How a tenant shares in a consumer's permits.</summary>
/// <param name="Pool">Who hands out the permits: the engine's address, say. Pools do not wait for each other.</param>
/// <param name="Weight">Turns in a row when others wait too; at least 1.</param>
/// <param name="MaxConcurrent">Permits it may hold at once; 0 for no cap of its own.</param>
public readonly record struct LaneShare(string Pool, int Weight = 1, int MaxConcurrent = 0);

/// <summary>A tenant's ready lanes, and its place in the round.</summary>
/// <remarks>
/// <para>Every other start goes to the lane that has stood longest. The starts between go to the busiest lane: a conversation runs one turn at a
/// time, so one with much to do that stood in line behind all others after each turn would be through long after the permits had nothing else to
/// do. It takes no permit but its own.</para>
/// <para>Busy is a lane with at least twice the average of the tenant's lanes. Busy lanes stand in levels by powers of two, first in, first out in each,
/// and besides in the line of all, so that no lane waits for more than twice the starts that stand before it there.</para>
/// </remarks>
internal sealed class TenantQueue(string tenant, PermitPool pool, int weight, int maxConcurrent)
{
    private const int Levels = 8;

    private readonly LaneLine _all = new(isBusy: false);
    private readonly LaneLine[] _busy = [.. Enumerable.Range(0, Levels).Select(_ => new LaneLine(isBusy: true))];
    private bool _busyIsNext;

    public string Tenant { get; } = tenant;
    public PermitPool Pool { get; } = pool;
    public int Weight { get; } = Math.Max(1, weight);
    public int MaxConcurrent { get; } = maxConcurrent <= 0 ? int.MaxValue : maxConcurrent;

    /// <summary>Lanes that exist.</summary>
    public int Lanes { get; set; }

    /// <summary>Records in them.</summary>
    public int Records { get; set; }

    /// <summary>Permits held.</summary>
    public int Running { get; set; }

    /// <summary>Turns left in this visit of the round.</summary>
    public int Credit { get; set; }

    /// <summary>Whether it stands in its pool's round.</summary>
    public bool InRound { get; set; }

    public bool CanStart => !_all.IsEmpty && Running < MaxConcurrent;

    public void Enqueue(Lane lane)
    {
        _all.Add(lane);
        lane.Level = LevelOf(lane);
        if (lane.Level >= 0) _busy[lane.Level].Add(lane);
    }

    /// <summary>The next ready lane; there must be one.</summary>
    public Lane Dequeue()
    {
        var lane = (_busyIsNext ? Busiest() : null) ?? _all.First!;
        _busyIsNext = !_busyIsNext;
        _all.Remove(lane);
        if (lane.Level >= 0) _busy[lane.Level].Remove(lane);
        return lane;
    }

    private Lane? Busiest()
    {
        for (var level = Levels - 1; level >= 0; level--)
        {
            if (_busy[level].First is { } lane) return lane;
        }

        return null;
    }

    // -1: not busy. 0: from twice the average on; 1: from four times; and so on.
    private int LevelOf(Lane lane)
    {
        if (lane.Records.Count < 2) return -1;
        var times = (long)lane.Records.Count * Lanes / Math.Max(1, Records);
        return Math.Min(System.Numerics.BitOperations.Log2((ulong)Math.Max(1, times)) - 1, Levels - 1);
    }
}

/// <summary>Permits of one engine, and the round of tenants that want one.</summary>
internal sealed class PermitPool(string name, int permits)
{
    public string Name { get; } = name;
    public int Permits { get; } = permits;
    public int InUse { get; set; }
    public Queue<TenantQueue> Round { get; } = new();

    /// <summary>Nothing starts before this time: the engine as a whole is failing.</summary>
    public DateTimeOffset SuspendedUntil { get; set; } = DateTimeOffset.MinValue;

    public bool IsSuspended => SuspendedUntil > DateTimeOffset.MinValue;

    /// <summary>Whether it stands in the scheduler's queue of pools.</summary>
    public bool IsQueued { get; set; }

    public bool CanStart => InUse < Permits && Round.Count > 0 && !IsSuspended;
}
