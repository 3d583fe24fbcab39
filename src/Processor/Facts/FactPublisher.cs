using Microsoft.Extensions.Options;
using Parley.Common.Conversations;
using Parley.Common.Kafka;
using Parley.Common.Records;
using Parley.Processor.Replies;

namespace Parley.Processor.Facts;

/// <summary>Publishes facts to the events topic.</summary>
/// <remarks>
/// No customer waits for a fact, so facts wait for each other and leave in fewer requests; with a few hundred turns a second a request
/// for each would be a good part of all work. No conversation waits for its facts either: the offsets of the records they tell of do
/// (<see cref="Common.Streaming.LaneResult.After"/>), so none is lost with the process. See docs/decisions/0011-facts-follow.md.
/// </remarks>
internal sealed partial class FactPublisher(IOptions<KafkaOptions> options, TimeProvider time, ILoggerFactory logs) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly RecordProducer _producer = RecordProducer.Patient(options, logs.CreateLogger<RecordProducer>(), messageTimeout: TimeSpan.Zero);
    private readonly ILogger _log = logs.CreateLogger<FactPublisher>();

    /// <summary>Completes when the broker has acknowledged all. What it refuses is published again and again, which is harmless: ids are the same.</summary>
    /// <param name="facts">In order. Those of a conversation arrive in the order of the calls, unless one was refused.</param>
    /// <param name="ended">The assignment has ended: what is not acknowledged is told again by the next owner.</param>
    /// <remarks>Ends in the client's thread: what awaits it may only count.</remarks>
    public Task PublishAsync(IReadOnlyList<ConversationEvent> facts, CancellationToken ended) => facts.Count switch
    {
        0 => Task.CompletedTask,
        1 => PublishAsync(facts[0], ended),
        _ => Task.WhenAll(facts.Select(fact => PublishAsync(fact, ended)).ToList()),
    };

    public void Dispose() => _producer.Dispose();

    private async Task PublishAsync(ConversationEvent fact, CancellationToken ended)
    {
        var record = RecordCodec.Encode(fact, ReplyPublisher.Source);
        while (await _producer.PublishAsync(Topics.Events, record) is { Acknowledged: false } refused)
        {
            LogRefused(fact.Key, fact.Name, refused.Error);
            await Task.Delay(Pause, time, ended);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "{Conversation}: the fact {Fact} was not acknowledged and is published again: {Reason}")]
    private partial void LogRefused(ConversationKey conversation, string fact, string? reason);
}
