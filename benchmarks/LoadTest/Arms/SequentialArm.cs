namespace Parley.LoadTest.Arms;

/// <summary>The floor: a consumer for each partition that takes one message after the other, as the client's own examples do.</summary>
internal static class SequentialArm
{
    public static void Run(ArmSettings arm)
    {
        var park = new Park(arm.LatencyMs);
        using var producer = Clients.Producer(arm);
        var threads = Enumerable.Range(0, arm.Partitions).Select(_ => new Thread(() => Work(arm, park, producer))).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
    }

    private static void Work(ArmSettings arm, Park park, Confluent.Kafka.IProducer<byte[], byte[]> producer)
    {
        using var consumer = Clients.Consumer(arm);
        consumer.Subscribe(arm.Topic);
        while (true)
        {
            if (consumer.Consume(50) is not { } record) continue;
            park.WaitAsync().GetAwaiter().GetResult();
            producer.SendAsync(arm.Replies, record.Message).GetAwaiter().GetResult();
            consumer.StoreOffset(new Confluent.Kafka.TopicPartitionOffset(arm.Topic, record.Partition, record.Offset + 1));
        }
    }
}
