using Confluent.Kafka;
using Parley.Standalone.Broker;

namespace Parley.Integration.Standalone;

public sealed class EmbeddedBrokerTests : IDisposable
{
    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start(partitions: 12, "one", "two");

    [Fact]
    public async Task Hands_a_record_with_its_key_and_headers_to_a_consumer_group()
    {
        using var producer = Producer();
        var headers = new Headers { { "ce_type", "parley.message.v1"u8.ToArray() }, { "ce_type", "again"u8.ToArray() } };
        await producer.ProduceAsync("one", new Message<string, byte[]> { Key = "k", Value = "hello"u8.ToArray(), Headers = headers }, Token);

        using var consumer = Consumer("group");
        consumer.Subscribe("one");
        var received = consumer.Consume(Token);

        Assert.Equal("k", received.Message.Key);
        Assert.Equal("hello"u8, received.Message.Value);
        Assert.Equal(["parley.message.v1", "again"], received.Message.Headers.Select(h => System.Text.Encoding.UTF8.GetString(h.GetValueBytes())));
        consumer.Close();
    }

    [Fact]
    public async Task Goes_on_after_the_committed_offset()
    {
        using var producer = Producer();
        for (var i = 0; i < 3; i++) await Put(producer, new TopicPartition("one", 0), [(byte)i]);

        using (var first = Consumer("group"))
        {
            first.Subscribe("one");
            first.Commit(first.Consume(Token));
            first.Close();
        }

        using var second = Consumer("group");
        second.Subscribe("one");
        Assert.Equal(1, second.Consume(Token).Offset.Value);
        second.Close();
    }

    // The partitions that kafkajs 2.2.4, which follows the Java client, chooses for these keys among 12.
    [Theory]
    [InlineData("4:demo:c_x", 5)]
    [InlineData("21", 0)]
    [InlineData("foobar", 6)]
    public async Task Puts_a_key_where_the_java_client_puts_it(string key, int partition)
    {
        using var producer = Producer();
        var report = await producer.ProduceAsync("one", new Message<string, byte[]> { Key = key, Value = [] }, Token);

        Assert.Equal(partition, report.Partition.Value);
    }

    [Fact]
    public async Task Drops_the_oldest_records_past_5_MiB_of_a_partition_and_still_acknowledges()
    {
        using var producer = Producer();
        var partition = new TopicPartition("one", 0);
        // Six of these are over the limit, five are not.
        for (var i = 0; i < 7; i++) await Put(producer, partition, new byte[900_000]);

        using var consumer = Consumer("group");
        var kept = consumer.QueryWatermarkOffsets(partition, TimeSpan.FromSeconds(5));

        Assert.Equal(7, kept.High.Value);
        Assert.Equal(2, kept.Low.Value);
    }

    [Fact]
    public void Has_the_topics_and_partitions_it_was_started_with()
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _broker.BootstrapServers }).Build();
        var topics = admin.GetMetadata(TimeSpan.FromSeconds(5)).Topics;

        Assert.Equal(["one", "two"], topics.Select(t => t.Topic).Order());
        Assert.All(topics, topic => Assert.Equal(12, topic.Partitions.Count));
    }

    [Fact]
    public void Says_why_it_cannot_start()
    {
        var e = Assert.Throws<EmbeddedBrokerException>(() => EmbeddedBroker.Start(partitions: 1, "twice", "twice"));

        Assert.Contains("'twice'", e.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _broker.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Task<DeliveryResult<string, byte[]>> Put(IProducer<string, byte[]> producer, TopicPartition partition, byte[] value) =>
        producer.ProduceAsync(partition, new Message<string, byte[]> { Key = "k", Value = value }, Token);

    private IProducer<string, byte[]> Producer() => new ProducerBuilder<string, byte[]>(new ProducerConfig
    {
        BootstrapServers = _broker.BootstrapServers,
        Partitioner = Partitioner.Murmur2Random,
    }).SetLogHandler((_, _) => { }).Build();

    private IConsumer<string, byte[]> Consumer(string group)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = _broker.BootstrapServers,
            GroupId = group,
            PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoCommit = false,
            // The broker lets a group that has had members wait for this long, less a second.
            SessionTimeoutMs = 1_200,
            HeartbeatIntervalMs = 300,
        };
        foreach (var (name, value) in EmbeddedBroker.ClientSettings) config.Set(name, value);
        return new ConsumerBuilder<string, byte[]>(config).SetLogHandler((_, _) => { }).Build();
    }
}
