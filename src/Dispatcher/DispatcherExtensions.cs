using Microsoft.Extensions.Options;
using Parley.Common;
using Parley.Common.Records;
using Parley.Common.Streaming;
using Parley.Common.Tenants;
using Parley.Dispatcher.Channels;
using Parley.Dispatcher.Receipts;
using Parley.Dispatcher.Sending;

namespace Parley.Dispatcher;

public static class DispatcherExtensions
{
    /// <summary>The dispatcher: consumes <c>parley.outbound</c>, sends to the channels, writes receipts. Setting <c>Dispatcher</c>.</summary>
    public static IHostApplicationBuilder AddDispatcher(this IHostApplicationBuilder builder)
    {
        builder.AddParley();
        builder.Services.AddOptions<DispatcherOptions>().BindConfiguration("Dispatcher").ValidateDataAnnotations()
            .Validate(o => o.Lease >= 2 * o.SendTimeout, "Dispatcher:Lease must be at least twice Dispatcher:SendTimeout")
            .ValidateOnStart();
        builder.Services.AddSingleton<DispatcherMetrics>();
        builder.AddChannels();
        builder.Services.AddSingleton<SendLimiter>();
        builder.Services.AddSingleton<AccountGate>();
        builder.Services.AddSingleton<SendGuard>();
        builder.Services.AddSingleton<ClaimPlaces>();
        builder.Services.AddSingleton<PartSender>();
        builder.Services.AddSingleton<ReceiptPublisher>();
        builder.Services.AddSingleton<StoreWatch>();
        builder.Services.AddSingleton<LedgerWriter>();
        builder.AddStream<ReplyHandler>(Settings, "outbound");
        builder.Services.AddHostedService<OutboxSweep>();
        return builder;
    }

    internal static StreamSettings Settings(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<DispatcherOptions>>().Value;
        var tenants = services.GetRequiredService<TenantDirectory>();
        return new StreamSettings
        {
            Name = "outbound",
            Topic = Topics.Outbound,
            Group = options.Group,
            Permits = options.Permits,
            // Few at a time: a lane with a long backlog gives its permit back in between.
            RecordsPerRun = 4,
            // A send that has begun is waited for.
            DrainTime = options.SendTimeout + TimeSpan.FromSeconds(2),
            Share = id => new LaneShare("", tenants.Find(id)?.Weight ?? 1, options.PermitsPerTenant),
        };
    }
}
