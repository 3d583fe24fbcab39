using Confluent.Kafka;
using Parley.Common.Streaming;

namespace Parley.LoadTest.Arms;

/// <summary>What an arm has completed of its partitions. Offsets are stored as Parley stores them: the lowest unfinished one.</summary>
internal sealed class Progress(IConsumer<byte[], byte[]> consumer, string topic)
{
    private readonly Dictionary<int, (Lock Gate, OffsetWatermark Watermark)> _partitions = [];
    private long _storedAt = Environment.TickCount64;

    /// <summary>Only the polling thread calls this; the result is called when the record is done.</summary>
    public Action Track(ConsumeResult<byte[], byte[]> record)
    {
        if (!_partitions.TryGetValue(record.Partition.Value, out var partition))
        {
            _partitions[record.Partition.Value] = partition = (new Lock(), new OffsetWatermark(record.Offset.Value));
        }

        var (gate, watermark) = partition;
        long ticket;
        lock (gate) ticket = watermark.Track(record.Offset.Value);
        return () => { lock (gate) watermark.Complete(ticket); };
    }

    /// <summary>Stores the offsets, at most every 200 ms. Only the polling thread calls this.</summary>
    public void Store()
    {
        if (Environment.TickCount64 - _storedAt < 200) return;
        _storedAt = Environment.TickCount64;
        foreach (var (number, (gate, watermark)) in _partitions)
        {
            long offset;
            lock (gate) offset = watermark.Committable;
            consumer.StoreOffset(new TopicPartitionOffset(topic, number, offset));
        }
    }
}
