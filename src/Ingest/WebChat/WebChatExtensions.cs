using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Parley.Ingest.WebChat;

internal static class WebChatExtensions
{
    public static IHostApplicationBuilder AddWebChat(this IHostApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton<CreateSession>();
        builder.Services.TryAddSingleton<ChatPage>();
        return builder;
    }

    public static void MapWebChat(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", (HttpContext http, ChatPage page) => page.Page(http));
        routes.MapGet("/webchat/{file}", (HttpContext http, string file, ChatPage page) => page.File(http, file));
        routes.MapPost("/webchat/{site}/session", (HttpContext http, string site, CreateSession call) => call.HandleAsync(http, site));
    }
}
