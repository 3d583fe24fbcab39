using System.Text;
using Confluent.Kafka;
using Parley.Common.Records;
using Parley.LoadTest.Brokers;

namespace Parley.LoadTest.Measuring;

/// <summary>Counts the facts of one type that Parley told since the topics were made.</summary>
internal static class EventCount
{
    public static async Task<int> ReadAsync(string bootstrapServers, int partitions, string name)
    {
        using var ends = new Ends(bootstrapServers, Topics.Events, partitions);
        var to = await ends.ReadAsync();
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig
        {
            BootstrapServers = bootstrapServers, GroupId = "loadtest-events", EnableAutoCommit = false, FetchWaitMaxMs = 10, ConsumeResultFields = "headers",
        }).Build();
        var open = Enumerable.Range(0, partitions).Where(p => to[p] > 0).ToHashSet();
        consumer.Assign(open.Select(p => new TopicPartitionOffset(Topics.Events, p, Offset.Beginning)));
        var wanted = Encoding.UTF8.GetBytes(RecordTypes.Event(name));
        var (count, deadline) = (0, Environment.TickCount64 + 60_000);
        while (open.Count > 0 && Environment.TickCount64 < deadline)
        {
            if (consumer.Consume(200) is not { } record) continue;
            if (record.Message.Headers.TryGetLastBytes(RecordCodec.TypeHeader, out var type) && type.AsSpan().SequenceEqual(wanted)) count++;
            if (record.Offset.Value >= to[record.Partition.Value] - 1) open.Remove(record.Partition.Value);
        }

        return count;
    }
}
