using BenchmarkDotNet.Attributes;
using Parley.Common.Conversations;
using Parley.Common.Records;

namespace Parley.Microbenchmarks;

/// <summary>What a message and its reply cost on their way into and out of a record.</summary>
[MemoryDiagnoser]
public class RecordBenchmark
{
    private static readonly InboundMessage Message = Samples.Message();
    private static readonly Reply Reply = Samples.Reply(Message);
    private static readonly KafkaRecord Record = RecordCodec.Encode(Message, "/benchmark");
    private static readonly KafkaRecord ReplyRecord = RecordCodec.Encode(Reply, "/benchmark");

    [Benchmark]
    public KafkaRecord EncodeMessage() => RecordCodec.Encode(Message, "/benchmark");

    [Benchmark]
    public DecodedRecord DecodeMessage() => RecordCodec.Decode(Record);

    [Benchmark]
    public KafkaRecord EncodeReply() => RecordCodec.Encode(Reply, "/benchmark");

    [Benchmark]
    public DecodedRecord DecodeReply() => RecordCodec.Decode(ReplyRecord);

    [Benchmark]
    public string DeriveConversation() => DerivedId.Conversation("demo", "whatsapp", "106540352242922", "16505551234");

    [Benchmark]
    public string MakeKey() => Message.Key.ToRecordKey();

    [Benchmark]
    public bool ReadKey() => ConversationKey.TryParse(Record.Key, out _, out _);
}
