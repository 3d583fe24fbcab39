using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Parley.Common.Backplane;
using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.Common.Streaming;
using Parley.Common.Tenants;
using Parley.Processor.Engine;
using Parley.Processor.Inbound;
using Parley.Processor.Replies;

namespace Parley.Processor.Turns;

/// <summary>Does what a <see cref="Turn"/> asks for: reads the store, calls the engine, commits, publishes. Decides nothing itself.</summary>
internal sealed partial class TurnRunner(
    IConversationStore store, GroupCommitter committer, EngineCaller engine, ReplyPublisher publisher, IBackplane backplane,
    IOptions<EngineOptions> options, TimeProvider time, ILogger<TurnRunner> log)
{
    /// <summary>Since when a turn has been waiting for its engine, in this process; forgotten when it is over.</summary>
    private readonly ConcurrentDictionary<string, DateTimeOffset> _waitingSince = new(StringComparer.Ordinal);

    /// <param name="tenant">Whose conversation it is.</param>
    /// <param name="policy">The tenant's, on this channel.</param>
    /// <param name="run">The lane's run.</param>
    /// <param name="count">How many of the run's records, all messages, make the turn.</param>
    /// <param name="cancellation">Of the run.</param>
    public async Task<LaneResult> RunAsync(Tenant tenant, TurnPolicy policy, LaneRun run, int count, CancellationToken cancellation)
    {
        var messages = Messages(run, count);
        var turn = new Turn(run.Key, messages, new TenantRules(tenant.FallbackText, tenant.SessionTimeout));
        var effect = turn.Start();
        while (true)
        {
            switch (effect)
            {
                case TurnEffect.Load load:
                    effect = turn.On(await LoadAsync(run.Key, load, cancellation), time.GetUtcNow());
                    break;

                case TurnEffect.CallEngine call:
                    effect = turn.On(await CallAsync(tenant, policy, run, call, cancellation), time.GetUtcNow());
                    break;

                case TurnEffect.Commit commit:
                    run.ReleasePermit();
                    effect = turn.On(await CommitAsync(commit, cancellation), time.GetUtcNow());
                    break;

                case TurnEffect.Publish publish:
                    run.ReleasePermit();
                    effect = turn.On(new TurnEvent.PublishReturned(await publisher.PublishAsync(publish.Replies, publish.Facts)), time.GetUtcNow());
                    break;

                case TurnEffect.Done:
                    _waitingSince.TryRemove(turn.TurnId, out _);
                    await backplane.PublishAsync(Notices.Conversation(run.Key), Notices.History);
                    return LaneResult.Done(messages.Count);

                case TurnEffect.Retry(var after, var reason, var wholeEngine):
                    LogRetry(turn.TurnId, run.Key, after, reason);
                    return wholeEngine ? LaneResult.SuspendPool(after) : LaneResult.Retry(after);

                default:
                    throw new InvalidOperationException($"no such effect: {effect.GetType().Name}");
            }
        }
    }

    private static List<TurnMessage> Messages(LaneRun run, int count)
    {
        var messages = new List<TurnMessage>(count);
        for (var i = 0; i < count; i++)
        {
            var record = i == 0 ? run.Head : run.Records[i];
            messages.Add(new TurnMessage(((DecodedRecord.OfMessage)record.Decoded).Message, record.Partition, record.Offset));
        }

        return messages;
    }

    private async Task<TurnEvent> LoadAsync(ConversationKey key, TurnEffect.Load load, CancellationToken cancellation)
    {
        try
        {
            var seen = await store.FindSeenAsync(load.Messages, cancellation);
            return new TurnEvent.Loaded(await store.LoadAsync(key, cancellation), seen);
        }
        catch (StoreUnavailableException e)
        {
            return new TurnEvent.StoreFailed(e.Message);
        }
    }

    private async Task<TurnEvent> CallAsync(Tenant tenant, TurnPolicy policy, LaneRun run, TurnEffect.CallEngine call, CancellationToken cancellation)
    {
        await backplane.PublishAsync(Notices.Conversation(run.Key), Notices.Typing);
        var started = time.GetTimestamp();
        var since = _waitingSince.GetOrAdd(call.TurnId, static (_, clock) => clock.GetUtcNow(), time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (Gathering.MayInterrupt(run.Head, policy, time.GetUtcNow())) run.OnAdded(record => EndOnMessage(record, ending));
        try
        {
            var outcome = await engine.CallAsync(tenant, EngineRequest.Of(run.Key, call.TurnId, 1, call.State, call.Messages), ending.Token);
            if (outcome is not EngineOutcome.Answered) LogEngine(call.TurnId, run.Key, outcome);
            return new TurnEvent.EngineReturned(outcome, time.GetElapsedTime(started), Patience: time.GetUtcNow() - since < options.Value.FallbackAfter);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            _waitingSince.TryRemove(call.TurnId, out _);
            return new TurnEvent.Interrupted();
        }
    }

    private static void EndOnMessage(KafkaRecord record, CancellationTokenSource call)
    {
        if (record.Header(RecordCodec.TypeHeader) != RecordTypes.Message) return;
        try
        {
            // Not on the poll thread: ending a call runs its continuations.
            _ = call.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // The call has just ended by itself; the message gets the next turn.
        }
    }

    private async Task<TurnEvent> CommitAsync(TurnEffect.Commit commit, CancellationToken cancellation)
    {
        try
        {
            return new TurnEvent.CommitReturned(await committer.CommitAsync(commit.Turn, cancellation));
        }
        catch (StoreUnavailableException e)
        {
            return new TurnEvent.StoreFailed(e.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Turn {Turn} of {Conversation} again in {After}: {Reason}")]
    private partial void LogRetry(string turn, ConversationKey conversation, TimeSpan after, string reason);

    [LoggerMessage(2, LogLevel.Warning, "Turn {Turn} of {Conversation}: {Outcome}")]
    private partial void LogEngine(string turn, ConversationKey conversation, EngineOutcome outcome);
}
