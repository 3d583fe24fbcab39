using System.Threading.Channels;
using Confluent.Kafka;

namespace Parley.LoadTest.Arms;

/// <summary>
/// As many lanes as permits; a key's hash names its lane, and a lane works off one message after the other. What libraries with a fixed
/// number of workers do: two conversations in one lane wait for each other while other lanes are idle.
/// </summary>
internal static class HashLanesArm
{
    private const int LaneDepth = 100;

    public static void Run(ArmSettings arm)
    {
        using var consumer = Clients.Consumer(arm);
        using var producer = Clients.Producer(arm);
        var park = new Park(arm.LatencyMs);
        var lanes = new Channel<(Message<byte[], byte[]> Message, Action Done)>[arm.Concurrency];
        for (var i = 0; i < lanes.Length; i++)
        {
            lanes[i] = Channel.CreateBounded<(Message<byte[], byte[]>, Action)>(LaneDepth);
            _ = WorkAsync(lanes[i].Reader, arm, park, producer);
        }

        consumer.Subscribe(arm.Topic);
        var progress = new Progress(consumer, arm.Topic);
        while (true)
        {
            if (consumer.Consume(50) is { } record)
            {
                var lane = lanes[(uint)Hash(record.Message.Key) % (uint)lanes.Length].Writer;
                var entry = (record.Message, progress.Track(record));

                // A full lane holds up the reading, and with it all lanes: that is the design.
                if (!lane.TryWrite(entry)) lane.WriteAsync(entry).AsTask().GetAwaiter().GetResult();
            }

            progress.Store();
        }
    }

    private static async Task WorkAsync(
        ChannelReader<(Message<byte[], byte[]> Message, Action Done)> lane, ArmSettings arm, Park park, IProducer<byte[], byte[]> producer)
    {
        await foreach (var (message, done) in lane.ReadAllAsync())
        {
            await park.WaitAsync();
            await producer.SendAsync(arm.Replies, message);
            done();
        }
    }

    private static int Hash(byte[] key)
    {
        var hash = new HashCode();
        hash.AddBytes(key);
        return hash.ToHashCode();
    }
}
