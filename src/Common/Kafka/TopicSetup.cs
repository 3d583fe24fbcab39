using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Common.Records;

namespace Parley.Common.Kafka;

/// <summary>Makes the missing topics before anything else starts.</summary>
internal sealed partial class TopicSetup(IOptions<KafkaOptions> options, ILogger<TopicSetup> log) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.CreateTopics) return;

        using var admin = new AdminClientBuilder(options.Value.Apply(new AdminClientConfig()))
            .SetLogHandler((_, _) => { })
            .SetErrorHandler((_, error) => LogBrokerError(options.Value.BootstrapServers, error.Reason))
            .Build();
        try
        {
            // Replication -1: the broker's default.
            await admin.CreateTopicsAsync(
                Topics.All.Select(name => new TopicSpecification { Name = name, NumPartitions = options.Value.Partitions, ReplicationFactor = -1 }),
                new CreateTopicsOptions { RequestTimeout = TimeSpan.FromSeconds(20), OperationTimeout = TimeSpan.FromSeconds(20) });
        }
        catch (CreateTopicsException e) when (e.Results.All(r => !r.Error.IsError || r.Error.Code == ErrorCode.TopicAlreadyExists))
        {
            // Another host was first, or they have been there all along.
        }
        catch (KafkaException e)
        {
            // A broker that is down must not keep a host from starting: Ingest answers 503 and the consumers wait until it is back.
            LogNotMade(e.Error.Reason);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(1, LogLevel.Warning, "Kafka at {Servers} (setting Kafka:BootstrapServers): {Reason}")]
    private partial void LogBrokerError(string servers, string reason);

    [LoggerMessage(2, LogLevel.Error, "The topics could not be made: {Reason}")]
    private partial void LogNotMade(string reason);
}
