using Parley.Common.Kafka;
using Parley.Common.Records;

namespace Parley.Processor.Replies;

/// <summary>Publishes what a committed turn owes: replies to the outbound topic, facts to the events topic.</summary>
internal sealed class ReplyPublisher(RecordProducer producer)
{
    private const string Source = "/parley/processor";

    /// <summary>True when the broker has acknowledged everything. Publishing again is harmless: ids are the same.</summary>
    public async Task<bool> PublishAsync(IReadOnlyList<Reply> replies, IReadOnlyList<ConversationEvent> facts)
    {
        var sent = new List<Task<PublishResult>>(replies.Count + facts.Count);
        foreach (var reply in replies) sent.Add(producer.PublishAsync(Topics.Outbound, RecordCodec.Encode(reply, Source)));
        foreach (var fact in facts) sent.Add(producer.PublishAsync(Topics.Events, RecordCodec.Encode(fact, Source)));

        var results = await Task.WhenAll(sent);
        return results.All(r => r.Acknowledged);
    }
}
