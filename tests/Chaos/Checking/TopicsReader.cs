using System.Text;
using Confluent.Kafka;
using Parley.Common.Conversations;
using Parley.Common.Records;

namespace Parley.Chaos.Checking;

/// <summary>Reads the topics from their beginnings to their ends.</summary>
internal static class TopicsReader
{
    public static TopicView Read(string bootstrapServers, int partitions, CancellationToken cancellation)
    {
        var inbound = new List<InboundRecord>();
        var outbound = new List<OutboundRecord>();
        var dead = new List<string>();
        foreach (var result in ReadAll(bootstrapServers, Topics.Inbound, partitions, cancellation))
        {
            if (RecordCodec.Decode(ToRecord(result)) is DecodedRecord.OfMessage(var message))
            {
                inbound.Add(new InboundRecord(result.Partition.Value, result.Offset.Value, message.Tenant, message.MessageId, message.Content.Text ?? ""));
            }
        }

        foreach (var result in ReadAll(bootstrapServers, Topics.Outbound, partitions, cancellation))
        {
            if (RecordCodec.Decode(ToRecord(result)) is DecodedRecord.OfReply(var reply) && ConversationKey.TryParse(result.Message.Key, out var key, out _))
            {
                outbound.Add(new OutboundRecord(result.Partition.Value, key.Tenant, reply.ReplyId, reply.Content.Text));
            }
        }

        foreach (var result in ReadAll(bootstrapServers, Topics.Dead, partitions, cancellation))
        {
            dead.Add(result.Message.Headers.TryGetLastBytes("dead_reason", out var reason) ? Encoding.UTF8.GetString(reason) : "");
        }

        return new TopicView { Inbound = inbound, Outbound = outbound, Dead = dead };
    }

    private static IEnumerable<ConsumeResult<string?, byte[]?>> ReadAll(string bootstrapServers, string topic, int partitions, CancellationToken cancellation)
    {
        using var consumer = new ConsumerBuilder<string?, byte[]?>(new ConsumerConfig
        {
            BootstrapServers = bootstrapServers, GroupId = "chaos-reader", EnableAutoCommit = false, AutoOffsetReset = AutoOffsetReset.Earliest, EnablePartitionEof = true,
        }).SetValueDeserializer(Deserializers.ByteArray!).SetLogHandler((_, _) => { }).Build();
        consumer.Assign(Enumerable.Range(0, partitions).Select(p => new TopicPartitionOffset(topic, p, Offset.Beginning)));
        for (var ended = 0; ended < partitions;)
        {
            cancellation.ThrowIfCancellationRequested();
            if (consumer.Consume(TimeSpan.FromSeconds(1)) is not { } result) continue;
            if (result.IsPartitionEOF) ended++;
            else yield return result;
        }
    }

    private static KafkaRecord ToRecord(ConsumeResult<string?, byte[]?> result) => new(
        result.Message.Key, result.Message.Value, [.. result.Message.Headers.Select(h => new KeyValuePair<string, byte[]>(h.Key, h.GetValueBytes() ?? []))]);
}
