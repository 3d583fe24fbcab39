using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Parley.Chaos.History;
using Parley.Common.Records;

namespace Parley.Chaos.Checking;

/// <summary>Reads a group's committed offsets, past the consumers themselves.</summary>
internal sealed class OffsetWatch : IDisposable
{
    private readonly IAdminClient _admin;
    private readonly IConsumer<byte[], byte[]> _ends;
    private readonly int _partitions;

    public OffsetWatch(string bootstrapServers, int partitions)
    {
        _partitions = partitions;
        _admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        _ends = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = bootstrapServers, GroupId = "chaos-ends" })
            .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
    }

    /// <summary>Samples until cancelled; a broker that is away is left out.</summary>
    public async Task SampleAsync(string group, RunHistory history, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            await Task.Delay(500, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var (partition, offset) in await CommittedAsync(group, Topics.Inbound) ?? [])
            {
                history.Add(new OffsetSample("offsets", RunHistory.Now, (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) / 10, partition, offset));
            }
        }
    }

    /// <summary>Records between the committed offsets and the ends of a topic; null when the broker does not say.</summary>
    public async Task<long?> LagAsync(string group, string topic)
    {
        if (await CommittedAsync(group, topic) is not { } committed) return null;
        var lag = 0L;
        try
        {
            for (var partition = 0; partition < _partitions; partition++)
            {
                var end = _ends.QueryWatermarkOffsets(new TopicPartition(topic, partition), TimeSpan.FromSeconds(3)).High.Value;
                lag += end - committed.GetValueOrDefault(partition, 0);
            }
        }
        catch (KafkaException)
        {
            return null;
        }

        return lag;
    }

    public void Dispose()
    {
        _admin.Dispose();
        _ends.Dispose();
    }

    private async Task<Dictionary<int, long>?> CommittedAsync(string group, string topic)
    {
        try
        {
            var asked = Enumerable.Range(0, _partitions).Select(p => new TopicPartition(topic, p)).ToList();
            var answers = await _admin.ListConsumerGroupOffsetsAsync(
                [new ConsumerGroupTopicPartitions(group, asked)], new ListConsumerGroupOffsetsOptions { RequestTimeout = TimeSpan.FromSeconds(3) });
            return answers[0].Partitions.Where(p => p.Offset.Value >= 0 && !p.Error.IsError).ToDictionary(p => p.Partition.Value, p => p.Offset.Value);
        }
        catch (KafkaException)
        {
            return null;
        }
    }
}
