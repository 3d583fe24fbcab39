using System.Globalization;
using System.Text;
using Parley.Common.Records;

namespace Parley.Common.Kafka;

/// <summary>Writes what cannot be read or handled to <c>parley.dead</c>: the original key, bytes and headers, and <c>dead_*</c> headers that say why and from where.</summary>
public sealed class DeadLetterWriter(RecordProducer producer, TimeProvider time)
{
    /// <summary>A record of a topic that cannot be handled.</summary>
    public Task<PublishResult> WriteAsync(KafkaRecord record, string topic, int partition, long offset, string reason) => producer.PublishAsync(
        Topics.Dead,
        record with
        {
            Headers =
            [
                .. record.Headers.Where(h => !h.Key.StartsWith("dead_", StringComparison.Ordinal)),
                .. Why(topic, reason),
                Header("dead_partition", partition.ToString(CultureInfo.InvariantCulture)),
                Header("dead_offset", offset.ToString(CultureInfo.InvariantCulture)),
            ],
        });

    /// <summary>Bytes that came in by a verified webhook and cannot be read. <paramref name="origin"/> is the route, for example <c>webhook/whatsapp/1065</c>.</summary>
    public Task<PublishResult> WriteAsync(byte[] body, string? contentType, string origin, string reason) => producer.PublishAsync(
        Topics.Dead,
        new KafkaRecord(null, body, [Header("content-type", contentType ?? "application/octet-stream"), .. Why(origin, reason)]));

    private IEnumerable<KeyValuePair<string, byte[]>> Why(string origin, string reason) =>
    [
        Header("dead_origin", origin),
        Header("dead_reason", reason),
        Header("dead_at", time.GetUtcNow().UtcDateTime.ToString("O", CultureInfo.InvariantCulture)),
    ];

    private static KeyValuePair<string, byte[]> Header(string name, string value) => new(name, Encoding.UTF8.GetBytes(value));
}
