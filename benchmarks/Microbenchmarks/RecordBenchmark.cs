using BenchmarkDotNet.Attributes;
using Parley.Common.Conversations;
using Parley.Common.Records;

namespace Parley.Microbenchmarks;

/// <summary>What a message costs on its way into and out of a record.</summary>
[MemoryDiagnoser]
public class RecordBenchmark
{
    private static readonly InboundMessage Message = new()
    {
        Tenant = "demo",
        ConversationId = DerivedId.Conversation("demo", "whatsapp", "106540352242922", "16505551234"),
        Channel = "whatsapp",
        Account = "106540352242922",
        Participant = new Participant("16505551234", "Ann"),
        MessageId = "wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTdCNTg5RjY1MEMyRjlGMjRGNgA=",
        Content = new MessageContent { Type = "text", Text = "Where is my order ORD123456? I have been waiting for it since last week." },
        SentAt = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
        ReceivedAt = new DateTimeOffset(2026, 1, 1, 0, 0, 1, TimeSpan.Zero),
    };

    private static readonly KafkaRecord Record = RecordCodec.Encode(Message, "/benchmark");

    [Benchmark]
    public KafkaRecord Encode() => RecordCodec.Encode(Message, "/benchmark");

    [Benchmark]
    public DecodedRecord Decode() => RecordCodec.Decode(Record);

    [Benchmark]
    public string DeriveConversation() => DerivedId.Conversation("demo", "whatsapp", "106540352242922", "16505551234");

    [Benchmark]
    public string Key() => Message.Key.ToRecordKey();
}
