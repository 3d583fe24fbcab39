using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Parley.Ingest.Api.Conversations;
using Parley.Ingest.Api.Messages;
using Parley.Ingest.Api.Tokens;

namespace Parley.Ingest.Api;

internal static class ApiExtensions
{
    public static IHostApplicationBuilder AddApi(this IHostApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton<TenantKeys>();
        builder.Services.TryAddSingleton<TokenVerifier>();
        builder.Services.TryAddSingleton<VisitorTokens>();
        builder.Services.TryAddSingleton<IdempotencyKey>();
        builder.Services.TryAddSingleton<PostMessage>();
        builder.Services.TryAddSingleton<GetConversation>();
        builder.Services.TryAddSingleton<PostRedrive>();
        builder.Services.TryAddSingleton<GetHistory>();
        builder.Services.TryAddSingleton<GetStream>();
        builder.Services.TryAddSingleton<OpenStreams>();
        return builder;
    }

    /// <summary>Every call in this group passes the gate; there is no other way in.</summary>
    public static void MapApi(this IEndpointRouteBuilder routes)
    {
        // Made now, so that a key file that cannot be read stops the start.
        routes.ServiceProvider.GetRequiredService<TenantKeys>();

        var chat = routes.MapGroup("/api/v2/chat").AddEndpointFilter<RouteGroupBuilder, ApiGate>();
        chat.MapPost("/message", (HttpContext http, PostMessage call) => call.HandleAsync(http));
        chat.MapGet("/conversations/{id}", (HttpContext http, string id, GetConversation call) => call.HandleAsync(http, id));
        chat.MapPost("/conversations/{id}/redrive", (HttpContext http, string id, PostRedrive call) => call.HandleAsync(http, id));
        chat.MapGet("/conversations/{id}/history", (HttpContext http, string id, GetHistory call) => call.HandleAsync(http, id));
        chat.MapGet("/conversations/{id}/stream", (HttpContext http, string id, GetStream call) => call.HandleAsync(http, id));
    }
}
