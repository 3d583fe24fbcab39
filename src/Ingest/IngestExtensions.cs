using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Common;
using Parley.Common.Tenants;
using Parley.Ingest.Api;
using Parley.Ingest.Channels;
using Parley.Ingest.Health;
using Parley.Ingest.Publishing;
using Parley.Ingest.WebChat;
using Parley.Ingest.Webhooks;

namespace Parley.Ingest;

public static class IngestExtensions
{
    /// <summary>
    /// Everything that takes messages in: webhooks, the API, the web chat. Settings: section <c>Ingest</c>. Adding it twice is adding it once.
    /// </summary>
    public static IHostApplicationBuilder AddIngest(this IHostApplicationBuilder builder)
    {
        if (builder.Services.Any(s => s.ServiceType == typeof(InboundPublisher))) return builder;

        builder.Services.AddOptions<IngestOptions>().BindConfiguration("Ingest").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<IngestOptions>>(Limit);

        // It would log the address of each call, and in that of a handshake stands the verify token.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);
        builder.AddParley().AddPublishing().AddChannels().AddWebhooks().AddApi().AddWebChat();
        return builder;
    }

    /// <summary>Maps <c>/webhooks</c>, <c>/api/v2</c>, <c>/webchat</c> and the chat page at <c>/</c>.</summary>
    public static WebApplication MapIngest(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<IngestOptions>>().Value;
        if (options.KnownProxies.Count > 0) app.UseForwardedHeaders(Trusting(options.KnownProxies));
        app.Use(PlainTypes);
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = FailAsync });
        app.UseWhen(static http => http.Request.Path.StartsWithSegments("/api"), static api => api.UseStatusCodePages(DescribeAsync));
        app.UseMiddleware<Cors>();

        app.MapWebhooks();
        app.MapApi();
        app.MapHealth();
        app.MapWebChat();
        return app;
    }

    // What is served as JSON or text is never to be taken for a page.
    private static Task PlainTypes(HttpContext http, RequestDelegate next)
    {
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return next(http);
    }

    private static void Limit(KestrelServerOptions kestrel, IOptions<IngestOptions> options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = Math.Max(options.Value.MaxWebhookBytes, options.Value.MaxRequestBytes);
        kestrel.Limits.MaxConcurrentConnections = options.Value.MaxConnections;
        kestrel.Limits.RequestHeadersTimeout = options.Value.HeaderTimeout;
    }

    private static ForwardedHeadersOptions Trusting(List<string> proxies)
    {
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto };
        options.KnownIPNetworks.Clear();
        options.KnownProxies.Clear();
        foreach (var proxy in proxies)
        {
            options.KnownProxies.Add(IPAddress.TryParse(proxy, out var address)
                ? address
                : throw new OptionsValidationException("Ingest", typeof(IngestOptions), [$"Ingest:KnownProxies: '{proxy}' is not an IP address"]));
        }

        return options;
    }

    // The framework logs the exception; the caller gets a number and nothing of our insides.
    private static Task FailAsync(HttpContext http)
    {
        var error = http.Features.Get<IExceptionHandlerFeature>()?.Error;
        var status = error is Microsoft.AspNetCore.Http.BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError;
        return ApiErrors.Plain(status, status == StatusCodes.Status500InternalServerError ? "internal error" : "the request cannot be read").ExecuteAsync(http);
    }

    private static Task DescribeAsync(StatusCodeContext context)
    {
        var http = context.HttpContext;
        var status = http.Response.StatusCode;
        return ApiErrors.Plain(status, Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status).ToLowerInvariant()).ExecuteAsync(http);
    }
}
