using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Parley.Common.Stores;
using Parley.Common.Telemetry;
using Parley.Dispatcher;
using Parley.Ingest;
using Parley.LoadTest.Brokers;
using Parley.Processor;
using Parley.Processor.Engine;
using Parley.TestKit.Hosts;

namespace Parley.LoadTest.Arms;

/// <summary>Parley's hosts, as their own programs build them. Only the engine, and for "none" the store, are put in their place.</summary>
internal static class HostArm
{
    public static async Task RunAsync(string kind, ArmSettings arm)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders().AddSimpleConsole().SetMinimumLevel(LogLevel.Warning);
        builder.Configuration.AddInMemoryCollection(Settings(arm));
        builder.WebHost.UseUrls($"http://127.0.0.1:{arm.Port}");

        var park = new Park(arm.LatencyMs);
        if (arm.Engine == "park") builder.Services.AddSingleton<EngineFactory>(_ => _ => new ParkEngine(park, arm.SlowTenant));
        if (kind == ArmKind.Parley) builder.AddProcessor();
        if (kind == ArmKind.Ingest) builder.AddIngest();
        if (kind == ArmKind.Dispatcher) builder.AddDispatcher();
        if (arm.Store == "none") builder.Services.Replace(ServiceDescriptor.Singleton<IConversationStore, StateOnlyStore>());

        var app = builder.Build();
        if (kind == ArmKind.Ingest) app.MapIngest();
        else app.MapProbes();
        app.MapPost("/bench/latency", (HttpRequest request) =>
        {
            park.Milliseconds = double.Parse(request.Query["ms"]!, System.Globalization.CultureInfo.InvariantCulture);
            return TypedResults.Ok();
        });
        await app.RunAsync();
    }

    /// <summary>The consumer group of the dispatcher beside a processor of that group.</summary>
    public static string DispatcherGroup(string group) => group + "-dispatcher";

    private static Dictionary<string, string?> Settings(ArmSettings arm)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = arm.Bootstrap,
            ["Kafka:CreateTopics"] = "false",
            ["Processor:Group"] = arm.Group,
            ["Dispatcher:Group"] = DispatcherGroup(arm.Group),
            ["Dispatcher:PermitsPerTenant"] = "512",
            ["Engine:Address"] = arm.EngineAddress.Length > 0 ? arm.EngineAddress : "http://127.0.0.1:9",
            ["Engine:Permits"] = $"{arm.Concurrency}",
        };
        if (arm.Store != "none")
        {
            settings["Store:Kind"] = arm.Store;
            settings["Store:ConnectionString"] = arm.StoreConnection;
        }

        foreach (var (name, value) in arm.ChannelAddress.Length > 0 ? WithChannel(arm) : Seeded(arm)) settings[name] = value;
        return settings;
    }

    /// <summary>The tenants of the messages that topics are seeded with.</summary>
    private static IEnumerable<(string Name, string Value)> Seeded(ArmSettings arm) => Enumerable.Range(0, arm.Tenants).SelectMany(i => new[]
    {
        ($"Tenants:{i}:Id", SeededMessage.TenantId(i)),
        ($"Tenants:{i}:Accounts:0:Channel", "web"),
        ($"Tenants:{i}:Accounts:0:Id", SeededMessage.AccountId(i)),
    });

    /// <summary>One tenant with a WhatsApp account, which may send as fast as the settings allow.</summary>
    private static IEnumerable<(string Name, string Value)> WithChannel(ArmSettings arm) =>
        [.. TestTenant.Settings(arm.ChannelAddress).Select(s => (s.Key, s.Value)), ("Tenants:0:Accounts:1:MessagesPerSecond", "10000")];
}
