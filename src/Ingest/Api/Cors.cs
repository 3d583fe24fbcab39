using Microsoft.AspNetCore.Http;
using Parley.Common.Tenants;

namespace Parley.Ingest.Api;

/// <summary>Lets browsers of other origins call, as far as the tenants allow it.</summary>
/// <remarks>
/// A preflight carries no token, so it is answered for an origin that any tenant allows; the answer to the call itself is readable only
/// where the token's tenant allows it.
/// </remarks>
internal sealed class Cors(RequestDelegate next, TenantDirectory tenants)
{
    private static readonly PathString[] Paths = ["/api/v2", "/webchat"];

    public Task InvokeAsync(HttpContext http) =>
        http.Request.Headers.Origin is [{ } origin] && Array.Exists(Paths, p => http.Request.Path.StartsWithSegments(p)) ? AllowAsync(http, origin) : next(http);

    private async Task AllowAsync(HttpContext http, string origin)
    {
        var headers = http.Response.Headers;
        headers.Vary = "Origin";
        if (tenants.All.Any(t => Allows(t, origin)))
        {
            headers.AccessControlAllowOrigin = origin;
            headers.AccessControlExposeHeaders = "X-RateLimit-Limit, X-RateLimit-Remaining, Retry-After, Location, Preference-Applied";
        }

        if (!HttpMethods.IsOptions(http.Request.Method) || http.Request.Headers.AccessControlRequestMethod.Count == 0)
        {
            await next(http);
            return;
        }

        if (headers.AccessControlAllowOrigin.Count > 0)
        {
            headers.AccessControlAllowMethods = "GET, POST, OPTIONS";
            headers.AccessControlAllowHeaders = "Authorization, Content-Type, X-Tenant-ID, Prefer, Idempotency-Key, Last-Event-ID, traceparent";
            headers.AccessControlMaxAge = "600";
        }

        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>Takes the permission back once the tenant is known and does not give it.</summary>
    public static void Narrow(HttpContext http, Tenant tenant)
    {
        if (http.Request.Headers.Origin is [{ } origin] && !Allows(tenant, origin)) http.Response.Headers.Remove("Access-Control-Allow-Origin");
    }

    public static bool Allows(Tenant tenant, string origin) =>
        tenant.AllowedOrigins.Exists(o => o == "*" || string.Equals(o, origin, StringComparison.OrdinalIgnoreCase));
}
