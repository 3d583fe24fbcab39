using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Parley.Ingest.Publishing;

internal static class PublishingExtensions
{
    public static IHostApplicationBuilder AddPublishing(this IHostApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton<BacklogLimit>();
        builder.Services.TryAddSingleton<InboundPublisher>();
        builder.Services.TryAddSingleton<IngestMetrics>();
        return builder;
    }
}
