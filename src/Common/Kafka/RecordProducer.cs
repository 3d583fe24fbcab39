using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Common.Records;

namespace Parley.Common.Kafka;

/// <summary>Publishes records; each completes when the broker has acknowledged it (<c>acks=all</c>, idempotent) or given up.</summary>
/// <remarks>
/// Keys are placed as the Java client places them (murmur2), so that producers in other languages reach the same partition.
/// Order of records of one key is the order of the calls. A record that somebody waits for leaves at once; where there is much to do, those that come while
/// requests are under way make up the next ones (docs/decisions/0016-no-linger.md).
/// </remarks>
public sealed partial class RecordProducer : IDisposable
{
    private readonly IProducer<string?, byte[]?> _producer;
    private readonly ILogger _log;
    private readonly TaskCreationOptions _continue;

    private static readonly TimeSpan LongLinger = TimeSpan.FromMilliseconds(100);

    /// <summary>Records of a partition that make a full request where there is much to do: what belongs to a turn is not held in memory longer than is of use.</summary>
    private const int FullBatch = 64;

    public RecordProducer(IOptions<KafkaOptions> options, ILogger<RecordProducer> log)
        : this(options, log, options.Value.MessageTimeout, new ProducerConfig { LingerMs = 0 }, TaskCreationOptions.RunContinuationsAsynchronously)
    {
    }

    private RecordProducer(IOptions<KafkaOptions> options, ILogger<RecordProducer> log, TimeSpan messageTimeout, ProducerConfig gathering, TaskCreationOptions @continue)
    {
        _log = log;
        _continue = @continue;
        var config = options.Value.Apply(new ProducerConfig(gathering)
        {
            EnableIdempotence = true,
            Acks = Acks.All,
            CompressionType = CompressionType.None,
            Partitioner = Partitioner.Murmur2Random,
            MessageTimeoutMs = (int)messageTimeout.TotalMilliseconds,
            MessageMaxBytes = MaxRecordBytes,
            SocketNagleDisable = true,

            // Partition, offset and error are always there; the rest would be read back and copied, header by header.
            DeliveryReportFields = "none",
        });
        _producer = new ProducerBuilder<string?, byte[]?>(config)
            .SetKeySerializer(NullableText.Instance)
            .SetValueSerializer(NullableBytes.Instance)
            .SetErrorHandler((_, error) => LogClientError(error.Code.ToString(), error.Reason))
            .SetLogHandler((_, message) => LogClient(message.Facility, message.Message))
            .Build();
    }

    /// <summary>
    /// For records that no customer waits for: up to 100 ms, or until 64 of a partition are there, they wait for each other. What awaits an acknowledgement goes on in
    /// the client's own thread, which saves the way over the thread pool: it may have next to nothing to do, as all other acknowledgements wait meanwhile.
    /// </summary>
    /// <param name="options">Where the brokers are.</param>
    /// <param name="log">For what the client says.</param>
    /// <param name="messageTimeout">How long a record may wait for its acknowledgement; zero for ever, so that none is overtaken by a later one of its key.</param>
    public static RecordProducer Patient(IOptions<KafkaOptions> options, ILogger<RecordProducer> log, TimeSpan messageTimeout) => new(
        options, log, messageTimeout, new ProducerConfig { LingerMs = LongLinger.TotalMilliseconds, BatchNumMessages = FullBatch }, TaskCreationOptions.None);

    /// <summary>The largest record a broker takes with its default settings, in bytes, key and headers included.</summary>
    public const int MaxRecordBytes = 1_000_000;

    public Task<PublishResult> PublishAsync(string topic, KafkaRecord record)
    {
        var done = new TaskCompletionSource<PublishResult>(_continue);
        try
        {
            _producer.Produce(topic, ToMessage(record), report => done.SetResult(ToResult(report)));
        }
        catch (ProduceException<string?, byte[]?> e)
        {
            // The local queue is full or the record too large: nothing was sent, the caller decides.
            done.SetResult(new PublishResult(false, e.Error.Reason, -1, -1));
        }

        return done.Task;
    }

    /// <summary>Publishes records in order and waits for all; the first failure, if any, otherwise the last acknowledgement.</summary>
    public async Task<PublishResult> PublishAllAsync(string topic, IReadOnlyList<KafkaRecord> records)
    {
        if (records.Count == 1) return await PublishAsync(topic, records[0]);

        var pending = new Task<PublishResult>[records.Count];
        for (var i = 0; i < records.Count; i++) pending[i] = PublishAsync(topic, records[i]);

        var last = new PublishResult(true, null, -1, -1);
        foreach (var one in pending)
        {
            var result = await one;
            if (last.Acknowledged) last = result;
        }

        return last;
    }

    public void Dispose()
    {
        _producer.Flush(TimeSpan.FromSeconds(10));
        _producer.Dispose();
    }

    private static Message<string?, byte[]?> ToMessage(KafkaRecord record)
    {
        var headers = new Headers();
        foreach (var (name, value) in record.Headers) headers.Add(name, value);
        return new Message<string?, byte[]?> { Key = record.Key, Value = record.Value, Headers = headers };
    }

    private static PublishResult ToResult(DeliveryReport<string?, byte[]?> report) => report.Error.IsError
        ? new PublishResult(false, report.Error.Reason, report.Partition.Value, -1)
        : new PublishResult(true, null, report.Partition.Value, report.Offset.Value);

    [LoggerMessage(1, LogLevel.Warning, "Kafka producer: {Code}: {Reason}")]
    private partial void LogClientError(string code, string reason);

    [LoggerMessage(2, LogLevel.Debug, "librdkafka {Facility}: {Text}")]
    private partial void LogClient(string facility, string text);
}
