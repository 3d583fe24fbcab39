using System.Text;
using Confluent.Kafka;
using Parley.LoadTest.Brokers;

namespace Parley.LoadTest.Measuring;

/// <summary>Everything that an arm wrote: which messages have a reply, how often, in which order, and when the broker had it.</summary>
internal sealed class ReplyTally
{
    private readonly SeededTopic _seeded;
    private readonly long[] _firstAt;
    private readonly UInt128[] _replyId;
    private readonly int[] _lastOf;
    private readonly int[] _partitionOf;

    private ReplyTally(SeededTopic seeded)
    {
        _seeded = seeded;
        _firstAt = new long[seeded.ConversationOf.Length];
        _replyId = new UInt128[seeded.ConversationOf.Length];
        _lastOf = new int[seeded.Load.Conversations];
        _partitionOf = new int[seeded.Load.Conversations];
        Array.Fill(_lastOf, -1);
        Array.Fill(_partitionOf, -1);
    }

    /// <summary>Messages that have a reply.</summary>
    public int Answered { get; private set; }

    public int Missing => _firstAt.Length - Answered;

    /// <summary>Records that repeat a reply by its id: the dispatcher's ledger knows them and sends nothing.</summary>
    public int RepeatedRecords { get; private set; }

    /// <summary>Further replies to a message, with another id or, where replies carry none, at all: a customer would see them.</summary>
    public int DuplicateReplies { get; private set; }

    /// <summary>Messages answered after a later one of their conversation, or on another partition than it.</summary>
    public int OrderBreaks { get; private set; }

    /// <summary>Records that no message can be named for.</summary>
    public int Strangers { get; private set; }

    /// <summary>When each answered message's first reply was on the topic, in milliseconds, in order of time.</summary>
    public long[] Times { get; private set; } = [];

    /// <summary>By record number, in milliseconds; 0 for those without a reply.</summary>
    public IReadOnlyList<long> FirstAt => _firstAt;

    /// <summary>Reads a topic between two sets of end offsets.</summary>
    public static ReplyTally Read(string bootstrapServers, string topic, IReadOnlyList<long> from, IReadOnlyList<long> to, SeededTopic seeded)
    {
        var tally = new ReplyTally(seeded);
        using var consumer = new ConsumerBuilder<Ignore, byte[]>(new ConsumerConfig
        {
            BootstrapServers = bootstrapServers, GroupId = "loadtest-reader", EnableAutoCommit = false, FetchWaitMaxMs = 10,
            ConsumeResultFields = "timestamp",
        }).Build();
        var open = Enumerable.Range(0, to.Count).Where(p => to[p] > from[p]).ToHashSet();
        consumer.Assign(open.Select(p => new TopicPartitionOffset(topic, p, from[p])));
        var deadline = Environment.TickCount64 + 120_000;
        while (open.Count > 0)
        {
            if (consumer.Consume(200) is { } record)
            {
                tally.Add(record.Partition.Value, record.Message.Value, record.Message.Timestamp.UnixTimestampMs);
                if (record.Offset.Value >= to[record.Partition.Value] - 1) open.Remove(record.Partition.Value);
            }
            else if (Environment.TickCount64 > deadline)
            {
                throw new TimeoutException($"{topic} could not be read to its end; left: partitions {string.Join(',', open)}");
            }
        }

        tally.Times = [.. tally._firstAt.Where(t => t > 0).Order()];
        return tally;
    }

    /// <summary>Replies a second, from the moment a part of them was there to the last.</summary>
    public double RateAfter(double warmUp)
    {
        var first = (int)(Times.Length * warmUp);
        var took = Times.Length > first + 1 ? Times[^1] - Times[first] : 0;
        return took > 0 ? (Times.Length - 1 - first) * 1000.0 / took : 0;
    }

    private void Add(int partition, ReadOnlySpan<byte> value, long at)
    {
        var replyId = Parse(After(value, "\"reply_id\":\"r_"u8));
        var answers = After(value, "\"in_reply_to\":["u8);
        var ids = answers.IsEmpty ? After(value, "\"message_id\":"u8) : answers[..Math.Max(0, answers.IndexOf((byte)']'))];
        if (answers.IsEmpty && !ids.IsEmpty) ids = ids[..Math.Min(12, ids.Length)];
        var known = false;
        while (ids.IndexOf("\"m"u8) is var at0 and >= 0 && ids.Length >= at0 + 11)
        {
            if (System.Buffers.Text.Utf8Parser.TryParse(ids.Slice(at0 + 2, 9), out int number, out var read) && read == 9 && number < _firstAt.Length)
            {
                Add(number, partition, replyId, at);
                known = true;
            }

            ids = ids[(at0 + 11)..];
        }

        if (!known) Strangers++;
    }

    private void Add(int number, int partition, UInt128 replyId, long at)
    {
        if (_firstAt[number] > 0)
        {
            if (replyId != 0 && _replyId[number] == replyId) RepeatedRecords++;
            else DuplicateReplies++;
            return;
        }

        var conversation = _seeded.ConversationOf[number];
        var moved = _partitionOf[conversation] >= 0 && _partitionOf[conversation] != partition;
        if (moved || number < _lastOf[conversation]) OrderBreaks++;
        _lastOf[conversation] = Math.Max(_lastOf[conversation], number);
        _partitionOf[conversation] = partition;
        _firstAt[number] = at;
        _replyId[number] = replyId;
        Answered++;
    }

    private static ReadOnlySpan<byte> After(ReadOnlySpan<byte> value, ReadOnlySpan<byte> mark) =>
        value.IndexOf(mark) is var at and >= 0 ? value[(at + mark.Length)..] : [];

    private static UInt128 Parse(ReadOnlySpan<byte> hex) => hex.Length >= 32
        && UInt128.TryParse(Encoding.ASCII.GetString(hex[..32]), System.Globalization.NumberStyles.HexNumber, null, out var id) ? id : 0;
}
