using System.Text;
using Confluent.Kafka;

namespace Parley.TestKit.Kafka;

/// <summary>Everything a topic holds, from its beginning: what a test asserts on.</summary>
public static class TopicReader
{
    /// <summary>A record as it lies on its partition.</summary>
    public sealed record Entry(string Topic, int Partition, long Offset, string? Key, byte[]? Value, IReadOnlyDictionary<string, string> Headers)
    {
        public string Text => Value is null ? "" : Encoding.UTF8.GetString(Value);
    }

    /// <summary>All records up to the end of each partition at the time of the call.</summary>
    public static IReadOnlyList<Entry> ReadAll(string bootstrapServers, string topic)
    {
        using var consumer = new ConsumerBuilder<string?, byte[]?>(new ConsumerConfig
        {
            BootstrapServers = bootstrapServers, GroupId = $"reader-{Guid.NewGuid()}", EnableAutoCommit = false, AutoOffsetReset = AutoOffsetReset.Earliest,
        }).SetValueDeserializer(Deserializers.ByteArray!).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var partitions = admin.GetMetadata(topic, TimeSpan.FromSeconds(10)).Topics[0].Partitions;

        var ends = new Dictionary<int, long>();
        foreach (var partition in partitions)
        {
            var offsets = consumer.QueryWatermarkOffsets(new TopicPartition(topic, partition.PartitionId), TimeSpan.FromSeconds(10));
            if (offsets.High.Value > offsets.Low.Value) ends[partition.PartitionId] = offsets.High.Value;
        }

        consumer.Assign(ends.Keys.Select(p => new TopicPartitionOffset(topic, p, Offset.Beginning)));
        var entries = new List<Entry>();
        var deadline = DateTime.UtcNow.AddSeconds(20);
        while (ends.Count > 0)
        {
            if (DateTime.UtcNow > deadline) throw new TimeoutException($"{topic}: not read to the end; partitions left: {string.Join(',', ends.Keys)}");
            if (consumer.Consume(TimeSpan.FromMilliseconds(200)) is not { } result) continue;
            var headers = new Dictionary<string, string>();
            foreach (var header in result.Message.Headers) headers[header.Key] = Encoding.UTF8.GetString(header.GetValueBytes());
            entries.Add(new Entry(topic, result.Partition.Value, result.Offset.Value, result.Message.Key, result.Message.Value, headers));
            if (ends.TryGetValue(result.Partition.Value, out var end) && result.Offset.Value >= end - 1) ends.Remove(result.Partition.Value);
        }

        return entries;
    }
}
