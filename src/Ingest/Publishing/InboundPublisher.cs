using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Common.Kafka;
using Parley.Common.Records;

namespace Parley.Ingest.Publishing;

/// <summary>Publishes what one call brought, and tells when the broker has all of it. Nothing is answered 2xx before that.</summary>
internal sealed partial class InboundPublisher(
    RecordProducer producer, DeadLetterWriter deadLetters, BacklogLimit backlog, IOptions<IngestOptions> options,
    IngestMetrics metrics, TimeProvider time, ILogger<InboundPublisher> log)
{
    private const string Source = "/parley/ingest";

    // Room for the headers of a dead letter beside its body.
    private const int DeadLetterPartBytes = RecordProducer.MaxRecordBytes - 16_384;

    /// <summary>The record of a message; null, with the reason naming the member, when it is beyond what a record may hold.</summary>
    public static KafkaRecord? Encode(InboundMessage message, out string problem)
    {
        var record = RecordCodec.Encode(message, Source);
        problem = Limits.Check(message) ?? (Size(record) > RecordProducer.MaxRecordBytes ? "the message is larger than a record may be" : "");
        return problem.Length == 0 ? record : null;
    }

    public static KafkaRecord Encode(Receipt receipt) => RecordCodec.Encode(receipt, Source);

    public static KafkaRecord Encode(ConversationCommand command) => RecordCodec.Encode(command, Source);

    public Task<PublishOutcome> PublishAsync(IReadOnlyList<KafkaRecord> records) => records.Count == 0
        ? Task.FromResult<PublishOutcome>(PublishOutcome.Accepted.Instance)
        : WatchAsync(backlog.IsLimited ? records.Sum(Size) : 0, () => producer.PublishAllAsync(Topics.Inbound, records));

    /// <summary>Keeps the bytes of a verified call that cannot be read, in parts when they do not fit into one record.</summary>
    public Task<PublishOutcome> PublishDeadAsync(ReadOnlyMemory<byte> body, string? contentType, string origin, string reason)
    {
        LogDead(origin, reason);
        metrics.DeadLettered(origin.Split('/')[1]);
        return WatchAsync(body.Length, () => WriteDeadAsync(body, contentType, origin, reason));
    }

    private async Task<PublishResult> WriteDeadAsync(ReadOnlyMemory<byte> body, string? contentType, string origin, string reason)
    {
        // Copied before the first await: the caller's buffer is used again when the wait for the broker is over before the broker is.
        byte[][] parts = body.Length == 0 ? [[]] : [.. body.ToArray().Chunk(DeadLetterPartBytes)];
        var digest = parts.Length == 1 ? "" : Convert.ToHexStringLower(SHA256.HashData(body.Span));
        var writes = parts.Select((part, i) => deadLetters.WriteAsync(
            part, contentType, origin, parts.Length == 1 ? reason : $"{reason} (part {i + 1} of {parts.Length} of sha256 {digest})"));

        var results = await Task.WhenAll(writes);
        return results.FirstOrDefault(r => !r.Acknowledged, results[^1]);
    }

    private async Task<PublishOutcome> WatchAsync(int bytes, Func<Task<PublishResult>> publish)
    {
        if (!backlog.TryAdmit(bytes, out var retryAfter))
        {
            metrics.Refused("backlog");
            return new PublishOutcome.Refused("too much is waiting to be processed", retryAfter);
        }

        var started = time.GetTimestamp();
        string? error;
        try
        {
            var result = await publish().WaitAsync(options.Value.PublishTimeout, time);
            metrics.Published(time.GetElapsedTime(started), result.Acknowledged);
            if (result.Acknowledged) return PublishOutcome.Accepted.Instance;
            error = result.Error;
        }
        catch (TimeoutException)
        {
            // The records may still get there. The sender will come again with the same ids, and the store knows them by then.
            metrics.Published(time.GetElapsedTime(started), acknowledged: false);
            error = $"no acknowledgement within {options.Value.PublishTimeout} (setting Ingest:PublishTimeout)";
        }

        LogNotPublished(error);
        return new PublishOutcome.Refused("the message could not be stored", options.Value.RetryAfter);
    }

    private static int Size(KafkaRecord record)
    {
        var size = (record.Key?.Length ?? 0) + (record.Value?.Length ?? 0) + 64;
        for (var i = 0; i < record.Headers.Count; i++) size += record.Headers[i].Key.Length + record.Headers[i].Value.Length;
        return size;
    }

    [LoggerMessage(1, LogLevel.Error, "The broker did not take a call's records: {Error}")]
    private partial void LogNotPublished(string? error);

    [LoggerMessage(2, LogLevel.Warning, "{Origin}: a verified body goes to the dead letters: {Reason}")]
    private partial void LogDead(string origin, string reason);
}

/// <summary>Whether the broker has what a call brought.</summary>
internal abstract record PublishOutcome
{
    private PublishOutcome() { }

    public sealed record Accepted : PublishOutcome
    {
        public static readonly Accepted Instance = new();
    }

    /// <summary>To be answered 503: the caller should come again.</summary>
    public sealed record Refused(string Reason, TimeSpan RetryAfter) : PublishOutcome;
}
