using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Routing;

namespace Parley.Common.Telemetry;

public static class HealthEndpoints
{
    /// <summary>
    /// <c>/api/v2/health/live</c>: the process runs, always 200. <c>/api/v2/health/ready</c>: 200 when everything tagged ready is healthy,
    /// else 503.
    /// </summary>
    public static IEndpointRouteBuilder MapProbes(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/api/v2/health/live", new HealthCheckOptions { Predicate = _ => false });
        routes.MapHealthChecks("/api/v2/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") });
        return routes;
    }
}
