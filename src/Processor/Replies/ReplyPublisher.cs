using Parley.Common.Kafka;
using Parley.Common.Records;

namespace Parley.Processor.Replies;

/// <summary>Publishes what a committed turn owes: replies to the outbound topic, facts to the events topic.</summary>
internal sealed class ReplyPublisher(RecordProducer producer)
{
    public const string Source = "/parley/processor";

    /// <summary>True when the broker has acknowledged everything. Publishing again is harmless: ids are the same.</summary>
    public async Task<bool> PublishAsync(IReadOnlyList<Reply> replies, IReadOnlyList<ConversationEvent> facts)
    {
        var told = new Task<PublishResult>[facts.Count];
        for (var i = 0; i < facts.Count; i++) told[i] = producer.PublishAsync(Topics.Events, RecordCodec.Encode(facts[i], Source));

        // One after the other: when one is not acknowledged, none behind it may already lie on the topic.
        foreach (var reply in replies)
        {
            var result = await producer.PublishAsync(Topics.Outbound, RecordCodec.Encode(reply, Source));
            if (!result.Acknowledged) return false;
        }

        return (await Task.WhenAll(told)).All(r => r.Acknowledged);
    }
}
