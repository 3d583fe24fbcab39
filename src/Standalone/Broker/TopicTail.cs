using Confluent.Kafka;
using Parley.Common.Records;

namespace Parley.Standalone.Broker;

/// <summary>Reads topics from all partitions without joining a group: a spectator. Not safe for several threads at once.</summary>
internal sealed class TopicTail : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly IConsumer<string?, byte[]?> _consumer;
    private readonly List<TopicPartition> _partitions = [];

    /// <param name="bootstrapServers">host:port of the brokers, comma-separated.</param>
    /// <param name="topics">They must be there.</param>
    /// <param name="fromBeginning">Whether to start at the oldest record, or at what comes next.</param>
    /// <param name="group">Whose committed offsets <see cref="Committed"/> reads.</param>
    /// <param name="client">Further settings of librdkafka.</param>
    /// <exception cref="KafkaException">The brokers do not answer.</exception>
    public TopicTail(
        string bootstrapServers, IReadOnlyList<string> topics, bool fromBeginning, string group = "parley-spectator", IReadOnlyDictionary<string, string>? client = null)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = bootstrapServers,
            GroupId = group,
            EnableAutoCommit = false,
            FetchWaitMaxMs = 50,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            AllowAutoCreateTopics = false,
        };
        foreach (var (name, value) in client ?? new Dictionary<string, string>()) config.Set(name, value);
        _consumer = new ConsumerBuilder<string?, byte[]?>(config)
            .SetKeyDeserializer(Deserializers.Utf8)
            .SetValueDeserializer(new AsIs())
            .SetLogHandler((_, _) => { })
            .SetErrorHandler((_, error) => LastError = error.Reason)
            .Build();
        try
        {
            Assign(topics, fromBeginning);
        }
        catch
        {
            _consumer.Dispose();
            throw;
        }
    }

    /// <summary>What the client last complained about; null when it did not.</summary>
    public string? LastError { get; private set; }

    /// <summary>The next record; null when none came within the time.</summary>
    public TailRecord? Next(TimeSpan wait)
    {
        try
        {
            return _consumer.Consume(wait) is { Message: { } message } result
                ? new TailRecord(
                    result.Topic, result.Partition.Value, result.Offset.Value,
                    new KafkaRecord(message.Key, message.Value, [.. (message.Headers ?? []).Select(h => new KeyValuePair<string, byte[]>(h.Key, h.GetValueBytes() ?? []))]))
                : null;
        }
        catch (ConsumeException e) when (!e.Error.IsFatal)
        {
            LastError = e.Error.Reason;
            return null;
        }
    }

    /// <summary>The group's committed offset of each partition it has committed on; null when the broker did not say.</summary>
    public IReadOnlyList<(int Partition, long Offset)>? Committed()
    {
        try
        {
            return [.. _consumer.Committed(_partitions, Patience).Where(c => c.Offset.Value >= 0).Select(c => (c.Partition.Value, c.Offset.Value))];
        }
        catch (KafkaException e)
        {
            LastError = e.Error.Reason;
            return null;
        }
    }

    public void Dispose()
    {
        _consumer.Close();
        _consumer.Dispose();
    }

    private void Assign(IReadOnlyList<string> topics, bool fromBeginning)
    {
        using var admin = new DependentAdminClientBuilder(_consumer.Handle).Build();
        foreach (var topic in topics)
        {
            var found = admin.GetMetadata(topic, Patience).Topics.Find(t => t.Topic == topic);
            if (found is null || found.Error.IsError) throw new KafkaException(found?.Error ?? new Error(ErrorCode.UnknownTopicOrPart));
            _partitions.AddRange(found.Partitions.Select(p => new TopicPartition(topic, p.PartitionId)));
        }

        // The end is looked up now: what is produced from here on is seen, even before the first fetch.
        _consumer.Assign(_partitions.Select(p => new TopicPartitionOffset(p, fromBeginning ? Offset.Beginning : _consumer.QueryWatermarkOffsets(p, Patience).High)));
    }

    private sealed class AsIs : IDeserializer<byte[]?>
    {
        public byte[]? Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) => isNull ? null : data.ToArray();
    }
}

/// <summary>A record and where it stands.</summary>
internal sealed record TailRecord(string Topic, int Partition, long Offset, KafkaRecord Record);
