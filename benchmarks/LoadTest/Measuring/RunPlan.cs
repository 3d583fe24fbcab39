using Parley.LoadTest.Arms;

namespace Parley.LoadTest.Measuring;

/// <summary>How a run goes beside the load.</summary>
internal sealed record RunPlan
{
    /// <summary>After this the arm is stopped.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>How long nothing must come before the run is over: records that repeat replies are to be counted, too.</summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Whether the run is over only when the group has committed every record: where records repeat replies, as many replies as messages
    /// do not mean that every message has one.
    /// </summary>
    public bool UntilCommitted { get; init; }

    /// <summary>Called several times a second.</summary>
    public Func<RunState, Task>? Meanwhile { get; init; }

    /// <summary>Ends the run before its time.</summary>
    public Func<bool> Enough { get; init; } = static () => false;

    /// <summary>What the engine does to the first tenant: "fail", "hang", or empty for nothing.</summary>
    public string SlowTenant { get; init; } = "";
}

/// <summary>A run, just now.</summary>
/// <param name="Group">The consumer group of the arms.</param>
/// <param name="Replies">Records on the topic of replies, repeated ones included.</param>
internal sealed record RunState(ArmSet Arms, string Group, TimeSpan Elapsed, int Replies, long ResidentBytes);
