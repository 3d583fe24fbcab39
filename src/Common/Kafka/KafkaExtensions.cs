using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Parley.Common.Kafka;

public static class KafkaExtensions
{
    /// <summary>Settings of section <c>Kafka</c>, the topics, a producer and the dead letter writer. Adding it twice is adding it once.</summary>
    public static IHostApplicationBuilder AddKafka(this IHostApplicationBuilder builder)
    {
        if (builder.Services.Any(s => s.ServiceType == typeof(RecordProducer))) return builder;

        builder.Services.AddOptions<KafkaOptions>().BindConfiguration("Kafka").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<RecordProducer>();
        builder.Services.AddSingleton<DeadLetterWriter>();
        builder.Services.AddHostedService<TopicSetup>();
        builder.Services.AddSingleton<BrokerHealth>();
        builder.Services.AddHealthChecks().AddCheck<BrokerHealth>("broker", tags: ["ready"]);
        return builder;
    }
}
