using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Parley.Standalone.Serving;

namespace Parley.Standalone.Simulator;

internal static class SimulatorExtensions
{
    /// <summary>What an account's ApiBase ends with when its API is the simulator.</summary>
    public const string ApiPath = "/simulator/whatsapp/";

    public const string PagePath = "/simulator";

    /// <summary>A stand-in for WhatsApp: its API, the webhooks that follow, and a page with the users' phones. Settings: section <c>Simulator</c>.</summary>
    public static IHostApplicationBuilder AddSimulator(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<SimulatorOptions>().BindConfiguration("Simulator").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<SimulatorAddress>();
        builder.Services.AddSingleton<SimulatedAccounts>();
        builder.Services.AddSingleton<SimulatedChats>();
        builder.Services.AddSingleton<WebhookSender>();
        builder.Services.AddSingleton<StatusSender>();
        builder.Services.AddSingleton<SendEndpoint>();
        builder.Services.AddSingleton<TypeEndpoint>();
        return builder;
    }

    /// <summary>Maps it, if any account is set to use it; for callers on this machine only.</summary>
    public static void MapSimulator(this WebApplication app, Uri url)
    {
        app.Services.GetRequiredService<SimulatorAddress>().Url = url;
        if (app.Services.GetRequiredService<SimulatedAccounts>().Phones.Count == 0) return;

        app.UseMiddleware<WebhookWatch>();
        var simulator = app.MapGroup(PagePath).RequireThisMachine();
        simulator.MapPost("whatsapp/{version}/{phoneNumberId}/messages", (HttpContext http, string phoneNumberId, SendEndpoint send) => send.HandleAsync(http, phoneNumberId));
        simulator.MapPost("whatsapp/type", (HttpContext http, TypeEndpoint type) => type.HandleAsync(http));
        simulator.MapGet("whatsapp/sent", (SimulatedChats chats) => TypedResults.Json(chats.Sent(), SimulatorJson.Default.IReadOnlyListChatMessage));
        simulator.MapGet("whatsapp/phones", (SimulatedAccounts accounts) => TypedResults.Json(accounts.Phones, SimulatorJson.Default.IReadOnlyListSimulatedPhone));
        simulator.MapGet("whatsapp/events", Events);
        MapPage(simulator);
    }

    private static ServerSentEventsResult<string> Events(HttpContext http, SimulatedChats chats, IHostApplicationLifetime lifetime)
    {
        var after = long.TryParse(http.Request.Headers["Last-Event-ID"], out var version) ? version : 0;
        return TypedResults.ServerSentEvents(ChangesAsync(chats, after, lifetime.ApplicationStopping, http.RequestAborted));
    }

    private static async IAsyncEnumerable<SseItem<string>> ChangesAsync(
        SimulatedChats chats, long version, CancellationToken stopping, [EnumeratorCancellation] CancellationToken gone)
    {
        while (!stopping.IsCancellationRequested)
        {
            var (messages, nextChange) = chats.ChangedSince(version);
            foreach (var message in messages)
            {
                version = message.Version;
                yield return new SseItem<string>(JsonSerializer.Serialize(message, SimulatorJson.Default.ChatMessage), "message") { EventId = message.Version.ToString(System.Globalization.CultureInfo.InvariantCulture) };
            }

            using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, gone);
            await nextChange.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (gone.IsCancellationRequested) yield break;
        }
    }

    private static void MapPage(RouteGroupBuilder simulator)
    {
        simulator.MapGet("", (HttpContext http) => PageFile.Serve(http, "index.html"));
        simulator.MapGet("{file}", (HttpContext http, string file) => PageFile.Serve(http, file));
    }
}
