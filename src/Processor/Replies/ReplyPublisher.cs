using Parley.Common.Kafka;
using Parley.Common.Records;

namespace Parley.Processor.Replies;

/// <summary>Publishes the replies that a committed turn owes to the outbound topic.</summary>
internal sealed class ReplyPublisher(RecordProducer producer)
{
    public const string Source = "/parley/processor";

    /// <summary>True when the broker has acknowledged all. Publishing again is harmless: ids are the same.</summary>
    public async Task<bool> PublishAsync(IReadOnlyList<Reply> replies)
    {
        // One after the other: when one is not acknowledged, none behind it may already lie on the topic.
        foreach (var reply in replies)
        {
            var result = await producer.PublishAsync(Topics.Outbound, RecordCodec.Encode(reply, Source));
            if (!result.Acknowledged) return false;
        }

        return true;
    }
}
