using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Parley.Common.Kafka;

public static class KafkaExtensions
{
    /// <summary>Settings of section <c>Kafka</c>, the topics, a producer and the dead letter writer. Adding it twice is adding it once.</summary>
    public static IHostApplicationBuilder AddKafka(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<KafkaOptions>().BindConfiguration("Kafka").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton<RecordProducer>();
        builder.Services.TryAddSingleton<DeadLetterWriter>();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, TopicSetup>());
        return builder;
    }
}
