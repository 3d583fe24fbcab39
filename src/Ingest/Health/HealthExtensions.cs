using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Parley.Common.Telemetry;

namespace Parley.Ingest.Health;

internal static class HealthExtensions
{
    /// <summary><c>/api/v2/health</c> for people and monitors (503 when unhealthy), and the two probes. None needs a token.</summary>
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v2/health", async (HttpContext http, HealthCheckService health, TimeProvider time) =>
        {
            var report = await health.CheckHealthAsync(http.RequestAborted);
            return TypedResults.Json(
                HealthAnswer.Of(report, time.GetUtcNow()), IngestJson.Plain.HealthAnswer,
                statusCode: report.Status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
        });
        routes.MapProbes();
    }
}
