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
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers }).SetLogHandler((_, _) => { }).Build();
        try
        {
            var asked = Enumerable.Range(0, partitions).Select(p => new TopicPartition(topic, p)).ToList();
            var found = await admin.ListConsumerGroupOffsetsAsync([new ConsumerGroupTopicPartitions(group, asked)]);

            // An empty partition has nothing to commit.
            return found[0].Partitions.All(p => wanted[p.Partition.Value] == 0 || p.Offset.Value >= wanted[p.Partition.Value]);
        }
        catch (KafkaException)
        {
            // The group's coordinator is not there just now: not at the end as far as anybody knows.
            return false;
        }
    }
}
