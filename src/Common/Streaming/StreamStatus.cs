using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Parley.Common.Streaming;

/// <summary>Whether a consumer has joined its group: until then nothing is handled, and the process is not ready.</summary>
internal sealed class StreamStatus(string name) : IHealthCheck
{
    private volatile bool _joined;

    public void Joined() => _joined = true;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_joined ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy($"the consumer '{name}' has not joined its group yet"));
}
