using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Parley.Common.Records;
using Parley.Standalone.Broker;
using Parley.TestKit.Kafka;

namespace Parley.LoadTest.Brokers;

/// <summary>The broker that all arms of a comparison work on: a real Kafka with its log in memory, or the embedded one.</summary>
internal sealed class BenchBroker : IAsyncDisposable
{
    /// <summary>Where the arms that are not Parley write; the peer's driver names it so.</summary>
    public const string Replies = Topics.Inbound + "-replies";

    private static readonly string[] All = [.. Topics.All, Replies];
    private readonly KafkaServer? _server;
    private EmbeddedBroker? _embedded;

    private BenchBroker(KafkaServer? server) => _server = server;

    public bool IsEmbedded => _server is null;

    public string Name => IsEmbedded ? "embedded (librdkafka's, in memory)" : "Apache Kafka";

    public string BootstrapServers => _server?.BootstrapServers ?? _embedded!.BootstrapServers;

    /// <summary>Of the broker's process; null for the embedded one.</summary>
    public int? ProcessId => _server?.ProcessId();

    public static async Task<BenchBroker> StartAsync(bool embedded, CancellationToken cancellation)
    {
        if (embedded) return new BenchBroker(null);
        if (KafkaServer.Missing is { } reason) throw new BenchException(reason + "; or use --broker embedded");
        using var memory = MemoryFolder.Use();
        return new BenchBroker(await KafkaServer.StartAsync(
            cancellation, 1, "log.segment.delete.delay.ms=500", "log.retention.check.interval.ms=5000", "log.initial.task.delay.ms=1000",
            "message.max.bytes=2000000"));
    }

    /// <summary>Makes all topics anew, empty.</summary>
    public async Task ResetAsync(int partitions, CancellationToken cancellation)
    {
        if (IsEmbedded)
        {
            _embedded?.Dispose();
            _embedded = EmbeddedBroker.Start(partitions, All);
            return;
        }

        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = BootstrapServers }).SetLogHandler((_, _) => { }).Build();
        var present = admin.GetMetadata(TimeSpan.FromSeconds(20)).Topics.Select(t => t.Topic).Intersect(All).ToList();
        if (present.Count > 0) await admin.DeleteTopicsAsync(present);
        var specifications = All.Select(name => new TopicSpecification
        {
            Name = name, NumPartitions = partitions, ReplicationFactor = 1, Configs = new() { ["message.timestamp.type"] = TimestampOf(name) },
        }).ToList();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await admin.CreateTopicsAsync(specifications);
                return;
            }
            catch (CreateTopicsException e) when (attempt < 200)
            {
                // The old ones are still going.
                specifications.RemoveAll(s => e.Results.Any(r => r.Topic == s.Name && !r.Error.IsError));
                await Task.Delay(50, cancellation);
            }
        }
    }


    /// <summary>Lets the records of a topic go.</summary>
    public async Task TruncateAsync(string topic, IReadOnlyList<long> ends)
    {
        if (IsEmbedded) return;
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = BootstrapServers }).SetLogHandler((_, _) => { }).Build();
        await admin.DeleteRecordsAsync(ends.Select((end, partition) => new TopicPartitionOffset(topic, partition, end)));
    }

    public async ValueTask DisposeAsync()
    {
        _embedded?.Dispose();
        if (_server is not null) await _server.DisposeAsync();
    }

    // The broker's own clock says when a reply was there, for all arms alike.
    private static string TimestampOf(string topic) => topic is Topics.Outbound or Replies ? "LogAppendTime" : "CreateTime";
}
