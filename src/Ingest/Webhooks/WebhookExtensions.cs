using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Parley.Ingest.Webhooks;

internal static class WebhookExtensions
{
    public static IHostApplicationBuilder AddWebhooks(this IHostApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton<WebhookEndpoint>();
        return builder;
    }

    public static void MapWebhooks(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/webhooks/{channel}/{account}", (HttpContext http, string channel, string account, WebhookEndpoint endpoint) =>
            endpoint.Handshake(http, channel, account));
        routes.MapPost("/webhooks/{channel}/{account}", (HttpContext http, string channel, string account, WebhookEndpoint endpoint) =>
            endpoint.ReceiveAsync(http, channel, account));
    }
}
