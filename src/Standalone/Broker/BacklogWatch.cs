using Confluent.Kafka;
using Microsoft.Extensions.Options;
using Parley.Common.Kafka;
using Parley.Common.Records;
using Parley.Ingest.Publishing;
using Parley.Processor;

namespace Parley.Standalone.Broker;

/// <summary>Follows <c>parley.inbound</c> and the processor's commits on the embedded broker, so that Ingest can refuse in time.</summary>
internal sealed partial class BacklogWatch(
    Backlog backlog, IOptions<KafkaOptions> kafka, IOptions<ProcessorOptions> processor, TimeProvider time, ILogger<BacklogWatch> log) : BackgroundService
{
    private static readonly TimeSpan CommitPoll = TimeSpan.FromMilliseconds(100);

    // Longer than Ingest waits for an acknowledgement.
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Factory.StartNew(
        () => Follow(stoppingToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Follow(CancellationToken stopping)
    {
        try
        {
            using var tail = new TopicTail(
                kafka.Value.BootstrapServers, [Topics.Inbound], fromBeginning: true, processor.Value.Group, kafka.Value.Client);
            var (polled, heard) = (time.GetTimestamp(), time.GetTimestamp());
            while (!stopping.IsCancellationRequested)
            {
                if (tail.Next(CommitPoll) is { } record)
                {
                    heard = time.GetTimestamp();
                    backlog.Seen(record.Partition, record.Offset, BytesOf(record.Record), record.Record.Header("ce_source") == "/parley/ingest");
                }

                if (time.GetElapsedTime(heard) > Quiet) backlog.Settle();
                if (backlog.IsEmpty || time.GetElapsedTime(polled) < CommitPoll) continue;
                polled = time.GetTimestamp();
                foreach (var (partition, offset) in tail.Committed() ?? []) backlog.Committed(partition, offset);
            }
        }
        catch (KafkaException e)
        {
            // The broker is in this process: it does not go away. Without the watch everything is let in, as before it.
            LogStopped(e.Error.Reason);
        }
    }

    /// <summary>As Ingest counts them before publishing.</summary>
    private static int BytesOf(KafkaRecord record) =>
        (record.Key?.Length ?? 0) + (record.Value?.Length ?? 0) + record.Headers.Sum(h => h.Key.Length + h.Value.Length) + 64;

    [LoggerMessage(1, LogLevel.Error, "The backlog of the embedded broker is not watched any more: {Reason}")]
    private partial void LogStopped(string reason);
}

internal static class BacklogExtensions
{
    private const long LimitBytes = EmbeddedBroker.PartitionBytes / 2;

    /// <summary>Lets Ingest answer 503 while half of what a partition of the embedded broker holds waits to be processed.</summary>
    public static IHostApplicationBuilder AddBacklogWatch(this IHostApplicationBuilder builder)
    {
        var backlog = new Backlog(LimitBytes);
        builder.Services.AddSingleton(backlog);
        builder.Services.AddSingleton(new BacklogLimit { Judge = backlog.Judge });
        builder.Services.AddHostedService<BacklogWatch>();
        return builder;
    }

    /// <summary>Lets the process stop only after what it has accepted is processed, within a limit: the embedded broker keeps nothing.</summary>
    public static IHostApplicationBuilder AddBacklogDrain(this IHostApplicationBuilder builder)
    {
        builder.Services.AddHostedService<BacklogDrain>();
        return builder;
    }
}
