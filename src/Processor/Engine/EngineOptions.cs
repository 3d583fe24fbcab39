using System.ComponentModel.DataAnnotations;

namespace Parley.Processor.Engine;

/// <summary>How the engine is called; setting <c>Engine</c>.</summary>
public sealed class EngineOptions
{
    /// <summary>http(s)://host:port of the engine of tenants that name none.</summary>
    [Required]
    public string Address { get; set; } = "";

    /// <summary>How long one call may take (default: 20 s).</summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Turns that may be in one engine (one address) at once, per process (default: 256).</summary>
    [Range(1, 100_000)]
    public int Permits { get; set; } = 256;

    /// <summary>Further calls after one that ended UNAVAILABLE, RESOURCE_EXHAUSTED or ABORTED, within one attempt at a turn (default: 2).</summary>
    [Range(0, 10)]
    public int Retries { get; set; } = 2;

    /// <summary>Wait before the first retry; doubles, with jitter (default: 200 ms).</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Share of failed calls over <see cref="BreakerWindow"/> that opens the breaker (default: 0.5).</summary>
    [Range(0.01, 1)]
    public double BreakerRatio { get; set; } = 0.5;

    /// <summary>Default: 10 s.</summary>
    public TimeSpan BreakerWindow { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Calls in the window before the breaker may open (default: 20).</summary>
    [Range(2, 100_000)]
    public int BreakerMinimumCalls { get; set; } = 20;

    /// <summary>How long the breaker stays open before one call tries again (default: 2 s).</summary>
    public TimeSpan BreakerPause { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a turn waits for an engine that is down before the tenant's fallback text goes out (default: 15 s).</summary>
    public TimeSpan FallbackAfter { get; set; } = TimeSpan.FromSeconds(15);
}
