using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Parley.Processor.Engine;

/// <summary>Whether the default engine serves. Not part of readiness: without an engine messages are still taken and kept.</summary>
internal sealed class EngineHealth(EngineCaller engine) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await engine.IsServingAsync(cancellationToken) ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded("the engine does not serve");
}
