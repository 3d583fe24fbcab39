using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Parley.Common.Stores;

/// <summary>Whether the store answers a cheap query.</summary>
internal sealed class StoreHealth(IConversationStore store) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await store.PingAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (StoreUnavailableException e)
        {
            return HealthCheckResult.Unhealthy(e.Message);
        }
    }
}
