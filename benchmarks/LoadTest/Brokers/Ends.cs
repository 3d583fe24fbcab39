using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Parley.LoadTest.Brokers;

/// <summary>The end offsets of a topic's partitions.</summary>
internal sealed class Ends : IDisposable
{
    private readonly IConsumer<Ignore, Ignore> _client;
    private readonly IAdminClient _admin;
    private readonly string _topic;
    private readonly int _partitions;

    public Ends(string bootstrapServers, string topic, int partitions)
    {
        (_topic, _partitions) = (topic, partitions);
        _client = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = bootstrapServers, GroupId = "loadtest-ends" })
            .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        _admin = new DependentAdminClientBuilder(_client.Handle).Build();
    }

    /// <summary>By partition. A topic that was made a moment ago may have no leader yet: that is waited for.</summary>
    public async Task<long[]> ReadAsync()
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await TryReadAsync();
            }
            catch (KafkaException) when (attempt < 100)
            {
                await Task.Delay(100);
            }
        }
    }

    public void Dispose()
    {
        _admin.Dispose();
        _client.Dispose();
    }

    private async Task<long[]> TryReadAsync()
    {
        var asked = Enumerable.Range(0, _partitions)
            .Select(p => new TopicPartitionOffsetSpec { TopicPartition = new TopicPartition(_topic, p), OffsetSpec = OffsetSpec.Latest() });
        var found = await _admin.ListOffsetsAsync(asked, new ListOffsetsOptions { RequestTimeout = TimeSpan.FromSeconds(20) });
        var ends = new long[_partitions];
        foreach (var info in found.ResultInfos)
        {
            ends[info.TopicPartitionOffsetError.Partition.Value] = info.TopicPartitionOffsetError.Offset.Value;
        }

        return ends;
    }
}
