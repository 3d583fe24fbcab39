using Confluent.Kafka;
using Parley.Chaos.History;

namespace Parley.Chaos.Checking;

/// <summary>Reads a group's committed offsets on a topic, past the group's own consumers and without joining it.</summary>
internal sealed class OffsetWatch : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private readonly Lock _gate = new();
    private readonly IConsumer<byte[], byte[]> _client; // guarded by _gate: its calls block
    private readonly List<TopicPartition> _partitions;

    public OffsetWatch(string bootstrapServers, string group, string topic, int partitions)
    {
        _partitions = [.. Enumerable.Range(0, partitions).Select(p => new TopicPartition(topic, p))];
        _client = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = bootstrapServers, GroupId = group, EnableAutoCommit = false })
            .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
    }

    /// <summary>Samples until cancelled; while a broker is away there are none.</summary>
    public async Task SampleAsync(RunHistory history, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            await Task.Delay(500, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var (partition, offset) in await Task.Run(Committed, CancellationToken.None) ?? [])
            {
                history.Add(new OffsetSample("offsets", RunHistory.Now, (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) / 10, partition, offset));
            }
        }
    }

    /// <summary>Records between the committed offsets and the ends of the topic; null when the broker does not say.</summary>
    public Task<long?> LagAsync() => Task.Run(Lag);

    public void Dispose()
    {
        lock (_gate) _client.Dispose();
    }

    private long? Lag()
    {
        if (Committed() is not { } committed) return null;
        try
        {
            lock (_gate) return _partitions.Sum(p => _client.QueryWatermarkOffsets(p, Patience).High.Value - committed.GetValueOrDefault(p.Partition.Value));
        }
        catch (KafkaException)
        {
            return null;
        }
    }

    private Dictionary<int, long>? Committed()
    {
        try
        {
            lock (_gate)
            {
                return _client.Committed(_partitions, Patience).Where(p => p.Offset.Value >= 0).ToDictionary(p => p.Partition.Value, p => p.Offset.Value);
            }
        }
        catch (KafkaException)
        {
            return null;
        }
    }
}
