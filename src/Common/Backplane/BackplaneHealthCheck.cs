using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Parley.Common.Backplane;

/// <summary>Without the backplane everything flows, later and limited per process: degraded, never unready.</summary>
internal sealed class BackplaneHealthCheck(IBackplane backplane) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await backplane.IsHealthyAsync()
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded("Redis does not answer: live notices and rate limits are per process");
}
