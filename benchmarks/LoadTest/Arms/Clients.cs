using Confluent.Kafka;

namespace Parley.LoadTest.Arms;

/// <summary>Kafka clients of the arms written here, with the settings that Parley's own have, but for the linger.</summary>
internal static class Clients
{
    /// <summary>How long a record waits for others of its partition, in milliseconds: as Parley's did while the goals were set.</summary>
    public const double LingerMs = 2;

    public static IConsumer<byte[], byte[]> Consumer(ArmSettings arm, string fields = "none")
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = arm.Bootstrap, GroupId = arm.Group, AutoOffsetReset = AutoOffsetReset.Earliest, EnableAutoCommit = true,
            EnableAutoOffsetStore = false, AutoCommitIntervalMs = 500, QueuedMinMessages = 2_000, QueuedMaxMessagesKbytes = 8_192,
            FetchWaitMaxMs = 50, SocketNagleDisable = true, SessionTimeoutMs = 6_000,
            PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky, ConsumeResultFields = fields,
        };
        config.Set("fetch.queue.backoff.ms", "20");
        return new ConsumerBuilder<byte[], byte[]>(config).Build();
    }

    public static IProducer<byte[], byte[]> Producer(ArmSettings arm, double? lingerMs = null) => new ProducerBuilder<byte[], byte[]>(new ProducerConfig
    {
        BootstrapServers = arm.Bootstrap, EnableIdempotence = true, Acks = Acks.All, LingerMs = lingerMs ?? arm.LingerMs, Partitioner = Partitioner.Murmur2Random,
        SocketNagleDisable = true, DeliveryReportFields = "none", QueueBufferingMaxMessages = 100_000,
    }).Build();

    /// <summary>Hands a reply over; waits while the producer's queue is full. <paramref name="done"/> is called when the broker has it.</summary>
    public static void Send(this IProducer<byte[], byte[]> producer, string topic, Message<byte[], byte[]> message, Action done)
    {
        while (true)
        {
            try
            {
                producer.Produce(topic, message, report =>
                {
                    if (report.Error.IsError) throw new InvalidOperationException($"a reply was not acknowledged: {report.Error.Reason}");
                    done();
                });
                return;
            }
            catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                Thread.Sleep(1);
            }
        }
    }

    public static Task SendAsync(this IProducer<byte[], byte[]> producer, string topic, Message<byte[], byte[]> message)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        producer.Send(topic, message, done.SetResult);
        return done.Task;
    }
}
