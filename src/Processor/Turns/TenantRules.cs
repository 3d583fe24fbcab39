using Parley.Common.Tenants;

namespace Parley.Processor.Turns;

/// <summary>A tenant's rules for a turn.</summary>
/// <param name="FallbackText">Said when nothing else can be.</param>
/// <param name="SessionTimeout">Idle time that ends a session.</param>
internal sealed record TenantRules(string FallbackText, TimeSpan SessionTimeout)
{
    /// <summary>How long a turn waits for an engine that is down before the fallback text goes out.</summary>
    public TimeSpan FallbackAfter { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Attempts at one turn that may fail.</summary>
    public int MaxAttempts { get; init; } = 5;

    public WhenSpent WhenSpent { get; init; } = WhenSpent.Block;

    /// <summary>Wait after the first failed attempt; doubles with each further one.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The wait does not grow beyond this.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The wait after the attempt of that number, from 1, has failed. No jitter: what shares a cause of failure is held by its own lane only.</summary>
    public TimeSpan DelayAfter(int failed) =>
        TimeSpan.FromTicks((long)Math.Min(LongestDelay.Ticks, FirstDelay.Ticks * Math.Pow(2, failed - 1)));
}
