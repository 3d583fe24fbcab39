using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Parley.Common;
using Parley.Common.Records;
using Parley.Common.Streaming;
using Parley.Common.Tenants;
using Parley.Processor.Engine;
using Parley.Processor.Facts;
using Parley.Processor.Inbound;
using Parley.Processor.Receipts;
using Parley.Processor.Replies;
using Parley.Processor.Turns;

namespace Parley.Processor;

public static class ProcessorExtensions
{
    /// <summary>The processor: consumes <c>parley.inbound</c>, runs turns, calls the engine, commits, publishes. Settings <c>Engine</c> and <c>Processor</c>.</summary>
    public static IHostApplicationBuilder AddProcessor(this IHostApplicationBuilder builder)
    {
        builder.AddParley();
        builder.Services.AddOptions<EngineOptions>().BindConfiguration("Engine").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<ProcessorOptions>().BindConfiguration("Processor").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.TryAddSingleton<EngineFactory>(_ => address => new GrpcEngine(address));
        builder.Services.AddSingleton<EngineCaller>();
        builder.Services.AddSingleton<ReplyPublisher>();
        builder.Services.AddSingleton<FactPublisher>();
        builder.Services.AddSingleton<RecentDeliveries>();
        builder.Services.AddSingleton<ReceiptHandler>();
        builder.Services.AddSingleton<TurnMetrics>();
        builder.Services.AddSingleton<TurnRunner>();
        builder.Services.AddHealthChecks().AddCheck<EngineHealth>("engine");
        builder.AddStream<InboundHandler>(Settings, "inbound");
        return builder;
    }

    internal static StreamSettings Settings(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<ProcessorOptions>>().Value;
        var tenants = services.GetRequiredService<TenantDirectory>();
        var engine = services.GetRequiredService<EngineCaller>();
        var permits = services.GetRequiredService<IOptions<EngineOptions>>().Value.Permits;
        var sharing = tenants.All.CountBy(engine.AddressOf).ToDictionary(StringComparer.Ordinal);
        return new StreamSettings
        {
            Name = "inbound",
            Topic = Topics.Inbound,
            Group = options.Group,

            // An eighth more than may be in the engine: they are read, and looked up in the store, meanwhile. With an engine of 10 ms that many are needed
            // to keep its permits in use. More would only stand in line at the engine, where nobody goes by tenant.
            Permits = permits + Math.Max(4, permits / 8),
            BufferedRecords = options.BufferedRecords,
            DrainTime = options.DrainTime,
            Share = id =>
            {
                var tenant = tenants.Find(id);
                var address = engine.AddressOf(tenant);
                var cap = tenant?.MaxConcurrentTurns ?? 0;

                // Where an engine has several tenants, none gets all of its permits by default: one whose calls hang would leave the others nothing.
                if (cap == 0 && sharing.GetValueOrDefault(address) > 1) cap = Math.Max(1, permits * 3 / 4);
                return new LaneShare(address, tenant?.Weight ?? 1, cap);
            },
        };
    }
}
