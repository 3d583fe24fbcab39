using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Parley.Common.Stores;
using Parley.Common.Telemetry;
using Parley.LoadTest.Brokers;
using Parley.Processor;
using Parley.Processor.Engine;

namespace Parley.LoadTest.Arms;

/// <summary>Parley's processor, as its own program builds it. Only the engine, and for "none" the store, are put in its place.</summary>
internal static class ParleyArm
{
    public static async Task RunAsync(ArmSettings arm)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddSimpleConsole().SetMinimumLevel(LogLevel.Warning);
        builder.Configuration.AddInMemoryCollection(Settings(arm));
        builder.WebHost.UseUrls($"http://127.0.0.1:{arm.Port}");

        var park = new Park(arm.LatencyMs);
        if (arm.Engine == "park") builder.Services.AddSingleton<EngineFactory>(_ => _ => new ParkEngine(park, arm.SlowTenant));
        builder.AddProcessor();
        if (arm.Store == "none") builder.Services.Replace(ServiceDescriptor.Singleton<IConversationStore, StateOnlyStore>());

        var app = builder.Build();
        app.MapProbes();
        app.MapPost("/bench/latency", (HttpRequest request) =>
        {
            park.Milliseconds = double.Parse(request.Query["ms"]!, System.Globalization.CultureInfo.InvariantCulture);
            return TypedResults.Ok();
        });
        await app.RunAsync();
    }

    private static Dictionary<string, string?> Settings(ArmSettings arm)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = arm.Bootstrap,
            ["Kafka:CreateTopics"] = "false",
            ["Processor:Group"] = arm.Group,
            ["Engine:Address"] = arm.EngineAddress.Length > 0 ? arm.EngineAddress : "http://127.0.0.1:9",
            ["Engine:Permits"] = $"{arm.Concurrency}",
        };
        if (arm.Store != "none")
        {
            settings["Store:Kind"] = arm.Store;
            settings["Store:ConnectionString"] = arm.StoreConnection;
        }

        for (var i = 0; i < arm.Tenants; i++)
        {
            settings[$"Tenants:{i}:Id"] = SeededMessage.TenantId(i);
            settings[$"Tenants:{i}:Accounts:0:Channel"] = "web";
            settings[$"Tenants:{i}:Accounts:0:Id"] = SeededMessage.AccountId(i);
        }

        return settings;
    }
}
