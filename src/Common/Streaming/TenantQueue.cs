namespace Parley.Common.Streaming;

/// <summary>How a tenant shares in a consumer's permits.</summary>
/// <param name="Pool">Who hands out the permits: the engine's address, say. Pools do not wait for each other.</param>
/// <param name="Weight">Turns in a row when others wait too; at least 1.</param>
/// <param name="MaxConcurrent">Permits it may hold at once; 0 for no cap of its own.</param>
public readonly record struct LaneShare(string Pool, int Weight = 1, int MaxConcurrent = 0);

/// <summary>A tenant's ready lanes, and its place in the round.</summary>
internal sealed class TenantQueue(string tenant, PermitPool pool, int weight, int maxConcurrent)
{
    public string Tenant { get; } = tenant;
    public PermitPool Pool { get; } = pool;
    public int Weight { get; } = Math.Max(1, weight);
    public int MaxConcurrent { get; } = maxConcurrent <= 0 ? int.MaxValue : maxConcurrent;
    public Queue<Lane> Ready { get; } = new();

    /// <summary>Permits held.</summary>
    public int Running { get; set; }

    /// <summary>Turns left in this visit of the round.</summary>
    public int Credit { get; set; }

    /// <summary>Whether it stands in its pool's round.</summary>
    public bool InRound { get; set; }

    public bool CanStart => Ready.Count > 0 && Running < MaxConcurrent;
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
