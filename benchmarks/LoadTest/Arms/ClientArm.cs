using System.Text;
using Confluent.Kafka;
using Parley.Common.Records;

namespace Parley.LoadTest.Arms;

/// <summary>
/// The client's own share of a turn, and nothing else: a record is consumed with its headers, and two with as many headers as Parley's are
/// produced, a reply and, by a producer that lets them wait for each other, a fact. Nothing is decoded, encoded or decided.
/// </summary>
internal static class ClientArm
{
    private const int FactBytes = 300;

    public static void Run(ArmSettings arm)
    {
        using var consumer = Clients.Consumer(arm, fields: "headers,timestamp");
        using var replies = Clients.Producer(arm);
        using var facts = Clients.Producer(arm, lingerMs: 100);
        consumer.Subscribe(arm.Topic);
        var progress = new Progress(consumer, arm.Topic);
        var fact = new byte[FactBytes];
        while (true)
        {
            if (consumer.Consume(50) is { Message: var message } record)
            {
                var done = Twice(progress.Track(record));
                replies.Send(arm.Replies, new Message<byte[], byte[]> { Key = message.Key, Value = message.Value, Headers = NewHeaders() }, done);
                facts.Send(Topics.Events, new Message<byte[], byte[]> { Key = message.Key, Value = fact, Headers = NewHeaders() }, done);
            }

            progress.Store();
        }
    }

    private static Action Twice(Action done)
    {
        var left = 2;
        return () =>
        {
            if (Interlocked.Decrement(ref left) == 0) done();
        };
    }

    // Names and lengths are those of RecordCodec.
    private static Headers NewHeaders() => new()
    {
        { "ce_specversion", "1.0"u8.ToArray() },
        { "ce_id", Encoding.UTF8.GetBytes("r_0123456789abcdef0123456789abcdef") },
        { "ce_source", "/parley/processor"u8.ToArray() },
        { RecordCodec.TypeHeader, "parley.reply.v1"u8.ToArray() },
        { "content-type", "application/json"u8.ToArray() },
        { "ce_time", "2026-01-01T00:00:00.0000000Z"u8.ToArray() },
    };
}
