using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Parley.LoadTest.Brokers;

/// <summary>How far a consumer group has committed.</summary>
internal static class GroupProgress
{
    /// <summary>Whether the group has committed all that lies on a topic.</summary>
    public static async Task<bool> IsAtEndAsync(string bootstrapServers, string group, string topic, int partitions)
    {
        using var ends = new Ends(bootstrapServers, topic, partitions);
        var wanted = await ends.ReadAsync();
        var committed = await ReadAsync(bootstrapServers, group, topic, partitions);
        return committed.Count == partitions && committed.All(p => p.Value >= wanted[p.Key]);
    }

    /// <summary>Records of a new topic that the group has committed.</summary>
    public static async Task<long> CommittedAsync(string bootstrapServers, string group, string topic, int partitions) =>
        (await ReadAsync(bootstrapServers, group, topic, partitions)).Values.Sum();

    /// <summary>The committed offset of each partition, 0 where there is none; empty when the group's coordinator does not answer just now.</summary>
    private static async Task<Dictionary<int, long>> ReadAsync(string bootstrapServers, string group, string topic, int partitions)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers }).SetLogHandler((_, _) => { }).Build();
        try
        {
            var asked = Enumerable.Range(0, partitions).Select(p => new TopicPartition(topic, p)).ToList();
            var found = await admin.ListConsumerGroupOffsetsAsync([new ConsumerGroupTopicPartitions(group, asked)]);
            return found[0].Partitions.ToDictionary(p => p.Partition.Value, p => Math.Max(0, p.Offset.Value));
        }
        catch (KafkaException)
        {
            return [];
        }
    }
}
