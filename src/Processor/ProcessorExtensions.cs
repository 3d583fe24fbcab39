using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Parley.Common;
using Parley.Common.Records;
using Parley.Common.Streaming;
using Parley.Common.Tenants;
using Parley.Processor.Engine;
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
        builder.Services.AddSingleton<ReceiptHandler>();
        builder.Services.AddSingleton<TurnRunner>();
        builder.Services.AddHealthChecks().AddCheck<EngineHealth>("engine");
        builder.AddStream<InboundHandler>(Settings, "inbound");
        return builder;
    }

    private static StreamSettings Settings(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<ProcessorOptions>>().Value;
        var tenants = services.GetRequiredService<TenantDirectory>();
        var engine = services.GetRequiredService<EngineCaller>();
        return new StreamSettings
        {
            Name = "inbound",
            Topic = Topics.Inbound,
            Group = options.Group,
            Permits = services.GetRequiredService<IOptions<EngineOptions>>().Value.Permits,
            BufferedRecords = options.BufferedRecords,
            DrainTime = options.DrainTime,
            Share = id =>
            {
                var tenant = tenants.Find(id);
                return new LaneShare(engine.AddressOf(tenant), tenant?.Weight ?? 1, tenant?.MaxConcurrentTurns ?? 0);
            },
        };
    }
}
