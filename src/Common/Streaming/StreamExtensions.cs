using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Common.Kafka;

namespace Parley.Common.Streaming;

public static class StreamExtensions
{
    /// <summary>A hosted consumer whose lanes are run by <typeparamref name="THandler"/>, with a health check <c>consumer-{name}</c> (ready once it has joined its group).</summary>
    public static IHostApplicationBuilder AddStream<THandler>(this IHostApplicationBuilder builder, Func<IServiceProvider, StreamSettings> read, string name)
        where THandler : class, ILaneHandler
    {
        builder.AddKafka();
        var status = new StreamStatus(name);
        builder.Services.TryAddSingleton<StreamMetrics>();
        builder.Services.TryAddSingleton<THandler>();
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration($"consumer-{name}", status, HealthStatus.Unhealthy, ["ready"]));
        builder.Services.AddSingleton<IHostedService>(services =>
        {
            var settings = read(services);
            var time = services.GetRequiredService<TimeProvider>();
            var log = services.GetRequiredService<ILoggerFactory>().CreateLogger($"Parley.Streaming.{settings.Name}");
            var metrics = services.GetRequiredService<StreamMetrics>();
            var runner = new LaneRunner(
                settings, services.GetRequiredService<THandler>(), services.GetRequiredService<DeadLetterWriter>(), time, metrics, log);
            metrics.Observe(settings.Name, () => runner.Load);
            return new StreamConsumer(settings, services.GetRequiredService<IOptions<KafkaOptions>>().Value, runner, status, time, log);
        });
        return builder;
    }
}
