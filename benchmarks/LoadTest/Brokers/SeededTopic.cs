using Confluent.Kafka;

namespace Parley.LoadTest.Brokers;

/// <summary>The records on the inbound topic: how many there are, and whose each of them is.</summary>
/// <param name="ConversationOf">By record number.</param>
internal sealed record SeededTopic(Load Load, int[] ConversationOf)
{
    /// <summary>Records of the conversation that has most.</summary>
    public int Hottest { get; } = ConversationOf.Length == 0 ? 0 : ConversationOf.CountBy(c => c).Max(c => c.Value);

    /// <summary>Turns a second that engine and order together allow: a conversation's turns follow one another.</summary>
    public double Bound => Load.LatencyMs == 0 ? double.PositiveInfinity
        : Math.Min(Load.EngineBound, ConversationOf.Length / (Hottest * Load.LatencyMs / 1000));

    public static SeededTopic Plan(Load load)
    {
        var keys = new KeyPicker(load.Conversations, load.Zipf);
        var conversationOf = new int[load.Records];
        for (var i = 0; i < conversationOf.Length; i++) conversationOf[i] = keys.Next();
        return new SeededTopic(load, conversationOf);
    }

    /// <summary>Writes the records; throws when one was not acknowledged.</summary>
    public void Write(string bootstrapServers, string topic)
    {
        using var producer = new ProducerBuilder<string, byte[]>(new ProducerConfig
        {
            BootstrapServers = bootstrapServers, EnableIdempotence = true, LingerMs = 20, BatchSize = 262_144,
            Partitioner = Partitioner.Murmur2Random, DeliveryReportFields = "none", QueueBufferingMaxMessages = 200_000,
        }).Build();
        var failed = 0;
        for (var number = 0; number < ConversationOf.Length; number++)
        {
            Produce(producer, topic, number, report => { if (report.Error.IsError) Interlocked.Increment(ref failed); });
        }

        producer.Flush(TimeSpan.FromSeconds(60));
        if (failed > 0) throw new InvalidOperationException($"{failed} of {ConversationOf.Length} records were not acknowledged while seeding {topic}");
    }

    /// <summary>Hands one record to a producer; waits while its queue is full.</summary>
    public void Produce(IProducer<string, byte[]> producer, string topic, int number, Action<DeliveryReport<string, byte[]>> delivered)
    {
        var record = SeededMessage.Encode(Load, number, ConversationOf[number]);
        var headers = new Headers();
        foreach (var (name, value) in record.Headers) headers.Add(name, value);
        var message = new Message<string, byte[]> { Key = record.Key!, Value = record.Value!, Headers = headers };
        while (true)
        {
            try
            {
                producer.Produce(topic, message, delivered);
                return;
            }
            catch (ProduceException<string, byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                producer.Poll(TimeSpan.FromMilliseconds(20));
            }
        }
    }
}
