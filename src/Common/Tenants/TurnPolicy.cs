using System.ComponentModel.DataAnnotations;

namespace Parley.Common.Tenants;

/// <summary>How waiting messages of a conversation become turns. Whatever the policy, every message reaches the engine.</summary>
public sealed class TurnPolicy
{
    public TurnMode Mode { get; set; } = TurnMode.Enqueue;

    /// <summary>Debounce: how long the customer must have been silent (default: 2 s).</summary>
    public TimeSpan Pause { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Debounce and interrupt: the longest that the oldest message waits for later ones (default: 10 s).</summary>
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Messages of one turn at most (default: 16).</summary>
    [Range(1, 16)]
    public int MaxMessages { get; set; } = 16;
}

/// <summary>The ways to gather messages.</summary>
public enum TurnMode
{
    /// <summary>One turn a message.</summary>
    Enqueue,

    /// <summary>All that wait go into one turn.</summary>
    Coalesce,

    /// <summary>As coalesce, once the customer has paused.</summary>
    Debounce,

    /// <summary>As coalesce, and a message that comes while the engine is at work ends that call and joins its turn.</summary>
    Interrupt,
}
