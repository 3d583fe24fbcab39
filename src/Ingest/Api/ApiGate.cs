using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Common.Backplane;
using Parley.Common.Conversations;
using Parley.Common.Stores;
using Parley.Ingest.Api.Tokens;

namespace Parley.Ingest.Api;

/// <summary>
/// What stands before every API call, in this order: token (401), tenant (403), rate (429). Body (422) and permission (403) are the call's own.
/// </summary>
internal sealed partial class ApiGate(
    TokenVerifier tokens, IBackplane backplane, IOptions<IngestOptions> options, IngestMetrics metrics, ILogger<ApiGate> log) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var header = http.Request.Headers.Authorization;
        var (caller, refusal) = await tokens.VerifyAsync(header.Count == 1 ? header[0] : null);
        if (caller is null)
        {
            metrics.Refused("token");
            LogRefused(refusal, http.Connection.RemoteIpAddress?.ToString());
            return ApiErrors.Unauthorized(http);
        }

        Cors.Narrow(http, caller.Tenant);
        if (http.Request.Headers["X-Tenant-ID"] is { Count: > 0 } named && (named.Count > 1 || named[0] != caller.Tenant.Id))
        {
            metrics.Refused("tenant");
            return ApiErrors.Forbidden("X-Tenant-ID is not the token's tenant");
        }

        if (await LimitAsync(http, caller) is { } tooMany) return tooMany;

        http.Features.Set(caller);
        try
        {
            return await next(context);
        }
        catch (StoreUnavailableException e)
        {
            LogStore(e);
            return ApiErrors.Unavailable(http, "the conversations cannot be read right now", options.Value.RetryAfter);
        }
    }

    private async ValueTask<IResult?> LimitAsync(HttpContext http, Caller caller)
    {
        var limits = caller.Tenant.RequestsPerMinute;
        var limit = limits.TryGetValue(caller.Tier, out var tier) ? tier : limits.GetValueOrDefault("default", 600);

        // Hashed with the lengths of the parts, so that no choice of tier and subject lands in somebody else's bucket.
        var bucket = "api/" + DerivedId.Of("rate", caller.Tenant.Id, caller.Tier, caller.Subject);
        var decision = await backplane.TakeAsync(bucket, limit, TimeSpan.FromMinutes(1));
        http.Response.Headers["X-RateLimit-Limit"] = limit.ToString(CultureInfo.InvariantCulture);
        http.Response.Headers["X-RateLimit-Remaining"] = Math.Max(0, decision.Remaining).ToString(CultureInfo.InvariantCulture);
        if (decision.Allowed) return null;

        metrics.Refused("rate");
        return ApiErrors.TooMany(http, $"Rate limit exceeded: {limit} requests a minute", decision.RetryAfter);
    }

    [LoggerMessage(1, LogLevel.Information, "API call refused: {Reason}, from {Address}")]
    private partial void LogRefused(string reason, string? address);

    [LoggerMessage(2, LogLevel.Error, "The store does not answer")]
    private partial void LogStore(Exception error);
}
