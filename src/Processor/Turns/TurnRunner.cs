using Microsoft.Extensions.Options;
using Parley.Common.Backplane;
using Parley.Common.Conversations;
using Parley.Common.Kafka;
using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.Common.Streaming;
using Parley.Common.Tenants;
using Parley.Processor.Engine;
using Parley.Processor.Facts;
using Parley.Processor.Inbound;
using Parley.Processor.Replies;

namespace Parley.Processor.Turns;

/// <summary>Does what a <see cref="Turn"/> asks for: reads the store, calls the engine, commits, publishes. Decides nothing itself.</summary>
internal sealed partial class TurnRunner(
    IConversationStore store, GroupCommitter committer, EngineCaller engine, ReplyPublisher publisher, FactPublisher facts, DeadLetterWriter deadLetters, IBackplane backplane,
    IOptions<EngineOptions> engineOptions, IOptions<ProcessorOptions> options, TurnMetrics metrics, TimeProvider time, ILogger<TurnRunner> log)
{
    /// <summary>Parked messages read at once; at least those of one turn.</summary>
    private const int ParkedMessages = 32;

    private static readonly TimeSpan WithdrawTime = TimeSpan.FromSeconds(2);

    private readonly Isolation _isolation = new();
    private readonly ConversationCache _cache = new(options.Value.CachedConversations);

    /// <param name="tenant">Whose conversation it is.</param>
    /// <param name="policy">The tenant's, on this channel.</param>
    /// <param name="run">The lane's run.</param>
    /// <param name="count">How many of the run's records, all messages, make the turn.</param>
    /// <param name="cancellation">Of the run.</param>
    public Task<LaneResult> RunAsync(Tenant tenant, TurnPolicy policy, LaneRun run, int count, CancellationToken cancellation)
    {
        return RunAsync(new Turn(run.Key, Messages(run, count), RulesOf(tenant), NewId(), run.Memory as TurnMemory), tenant, policy, run, count, cancellation);
    }

    /// <summary>Runs the next turn over parked messages, as the run's first record, a command, wants it.</summary>
    public Task<LaneResult> RunParkedAsync(Tenant tenant, ConversationCommand command, LaneRun run, CancellationToken cancellation)
    {
        LogCommand(run.Key, command.Command, command.By, command.Reason);
        var turn = Turn.OverParked(run.Key, command, run.Head.MayHaveRun, RulesOf(tenant), NewId(), run.Memory as TurnMemory);
        return RunAsync(turn, tenant, Undisturbed, run, 1, cancellation);
    }

    private static readonly TurnPolicy Undisturbed = new();

    private async Task<LaneResult> RunAsync(Turn turn, Tenant tenant, TurnPolicy policy, LaneRun run, int count, CancellationToken cancellation)
    {
        var isolated = false;
        var told = Task.CompletedTask;
        try
        {
            var effect = turn.Start();
            while (true)
            {
                switch (effect)
                {
                    case TurnEffect.Load load:
                        effect = turn.On(await LoadAsync(run, load, cancellation), time.GetUtcNow());
                        break;

                    case TurnEffect.RecordAttempt(var attempt):
                        effect = turn.On(await RecordAsync(attempt, cancellation), time.GetUtcNow());
                        break;

                    case TurnEffect.Isolate:
                        isolated = isolated || _isolation.TryEnter();
                        effect = turn.On(new TurnEvent.Isolated(isolated), time.GetUtcNow());
                        break;

                    case TurnEffect.CallEngine call:
                        effect = turn.On(await CallAsync(tenant, policy, run, call, cancellation), time.GetUtcNow());
                        break;

                    case TurnEffect.Commit commit:
                        run.ReleasePermit();
                        effect = turn.On(await CommitAsync(run, commit.Turn, cancellation), time.GetUtcNow());
                        break;

                    case TurnEffect.Publish publish:
                        run.ReleasePermit();

                        // Nothing of a conversation leaves before what was committed before it; when that has not, the assignment has ended.
                        await run.Following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                        cancellation.ThrowIfCancellationRequested();
                        if (publish.MayFollow && run.HasMoreThan(count))
                        {
                            var following = PublishAsync(turn.TurnId, run.Key, publish, cancellation);
                            run.Following = following;
                            run.Memory = null;
                            await backplane.PublishAsync(Notices.Conversation(run.Key), Notices.History);
                            return LaneResult.Done(count, following.Unwrap());
                        }

                        var published = await publisher.PublishAsync(publish.Replies);
                        if (published) told = facts.PublishAsync(publish.Facts, cancellation);
                        effect = turn.On(new TurnEvent.PublishReturned(published), time.GetUtcNow());
                        break;

                    case TurnEffect.DeadLetter letters:
                        run.ReleasePermit();
                        effect = turn.On(new TurnEvent.DeadLettered(await DeadLetterAsync(run, letters)), time.GetUtcNow());
                        break;

                    case TurnEffect.Done done:
                        run.Memory = done.More ? turn.Memory : null;
                        await backplane.PublishAsync(Notices.Conversation(run.Key), Notices.History);

                        // The record of a command is done with its last turn; nothing would hold it back for the facts of this one.
                        if (!done.More) return LaneResult.Done(count, told);
                        await told;

                        // Out of the client's thread, in which facts end.
                        await Task.Yield();
                        return LaneResult.Done(0);

                    case TurnEffect.Retry(var after, var reason, var wholeEngine, var quiet):
                        run.Memory = turn.Memory;
                        if (!quiet) LogRetry(turn.TurnId, run.Key, after, reason);
                        return wholeEngine ? LaneResult.SuspendPool(after) : LaneResult.Retry(after);

                    case TurnEffect.GiveUp(var reason):
                        run.Memory = null;
                        return LaneResult.Unhandled(reason);

                    default:
                        throw new InvalidOperationException($"no such effect: {effect.GetType().Name}");
                }
            }
        }
        finally
        {
            if (isolated) _isolation.Leave();
            if (turn.Open is { } open) await WithdrawAsync(open);
        }
    }

    /// <summary>
    /// Publishes while the conversation goes on. The outer task ends when all replies are acknowledged: the next run waits for it before it publishes. The
    /// inner one ends with the facts: the offsets wait for it.
    /// </summary>
    private async Task<Task> PublishAsync(string turnId, ConversationKey key, TurnEffect.Publish publish, CancellationToken ended)
    {
        while (!await TryPublishAsync(turnId, key, publish.Replies)) await Task.Delay(Turn.PublishPause, time, ended);
        return facts.PublishAsync(publish.Facts, ended);
    }

    /// <summary>Never throws: what comes after would take that for an end.</summary>
    private async Task<bool> TryPublishAsync(string turnId, ConversationKey key, IReadOnlyList<Reply> replies)
    {
        try
        {
            if (await publisher.PublishAsync(replies)) return true;
            LogRetry(turnId, key, Turn.PublishPause, Turn.NotAcknowledged);
        }
        catch (Exception e)
        {
            LogThrew(e, turnId, key);
        }

        return false;
    }

    private static List<TurnMessage> Messages(LaneRun run, int count)
    {
        var messages = new List<TurnMessage>(count);
        for (var i = 0; i < count; i++)
        {
            var record = i == 0 ? run.Head : run.Records[i];
            messages.Add(new TurnMessage(((DecodedRecord.OfMessage)record.Decoded).Message, record.Partition, record.Offset, record.MayHaveRun));
        }

        return messages;
    }

    private TenantRules RulesOf(Tenant tenant) => new(tenant.FallbackText, tenant.SessionTimeout)
    {
        FallbackAfter = engineOptions.Value.FallbackAfter,
        MaxAttempts = tenant.Failures.MaxAttempts,
        WhenSpent = tenant.Failures.WhenSpent,
        FirstDelay = options.Value.RetryDelay,
        LongestDelay = options.Value.MaxRetryDelay,
    };

    private string NewId() => Guid.CreateVersion7(time.GetUtcNow()).ToString("N");

    private async Task<TurnEvent> LoadAsync(LaneRun run, TurnEffect.Load load, CancellationToken cancellation)
    {
        var key = run.Key;
        if (!load.Attempts && !load.Parked && _cache.Find(key, run.Assignment, load.Messages) is { } known) return new TurnEvent.Loaded(known, []);

        try
        {
            // Side by side: a commit that falls between the two is found out by the turn's own.
            var state = store.LoadAsync(key, cancellation);
            var seen = load.Messages.Count > 0 ? store.FindSeenAsync(load.Messages, cancellation) : Task.FromResult<IReadOnlyList<SeenMessage>>([]);
            await Task.WhenAll(state, seen);
            var loaded = new TurnEvent.Loaded(await state, await seen);
            if (load.Attempts) loaded = loaded with { Attempts = await store.ReadAttemptsAsync(key, cancellation) };
            if (load.Parked)
            {
                loaded = loaded with
                {
                    Parked = await store.ReadParkedAsync(key, ParkedMessages, cancellation),
                    Pending = await store.FindPendingRepliesAsync(key, cancellation),
                };
            }

            return load.Reply is { } reply ? loaded with { HasReply = await store.FindReplyAsync(key.Tenant, reply, cancellation) is not null } : loaded;
        }
        catch (StoreUnavailableException e)
        {
            return new TurnEvent.StoreFailed(e.Message);
        }
    }

    private async Task<TurnEvent> RecordAsync(TurnAttempt attempt, CancellationToken cancellation)
    {
        if (attempt.State == AttemptState.Failed) metrics.Failed();
        try
        {
            await store.RecordAttemptAsync(attempt, cancellation);
            return new TurnEvent.AttemptRecorded();
        }
        catch (StoreUnavailableException e)
        {
            return new TurnEvent.StoreFailed(e.Message);
        }
    }

    /// <summary>The run ends before its attempt has: the partition is being given up, or something broke. The next owner must not take that for a death.</summary>
    private async Task WithdrawAsync(TurnAttempt open)
    {
        using var limit = new CancellationTokenSource(WithdrawTime, time);
        try
        {
            await store.RecordAttemptAsync(open with { State = AttemptState.Withdrawn }, limit.Token);
        }
        catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException)
        {
            LogNotWithdrawn(open.Key, open.AttemptId, e.Message);
        }
    }

    private async Task<TurnEvent> CallAsync(Tenant tenant, TurnPolicy policy, LaneRun run, TurnEffect.CallEngine call, CancellationToken cancellation)
    {
        await backplane.PublishAsync(Notices.Conversation(run.Key), Notices.Typing);
        var started = time.GetTimestamp();
        using var ending = Gathering.MayInterrupt(run.Head, policy, time.GetUtcNow()) ? CancellationTokenSource.CreateLinkedTokenSource(cancellation) : null;
        if (ending is not null) run.OnAdded(record => EndOnMessage(record, ending));
        try
        {
            var request = EngineRequest.Of(run.Key, call.TurnId, call.Attempt, call.State, call.Messages);
            var outcome = await engine.CallAsync(tenant, request, run.Level, ending?.Token ?? cancellation);
            if (outcome is not EngineOutcome.Answered) LogEngine(call.TurnId, run.Key, outcome);
            return new TurnEvent.EngineReturned(outcome, time.GetElapsedTime(started));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new TurnEvent.Interrupted();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogThrew(e, call.TurnId, run.Key);
            return new TurnEvent.Threw(e.Message);
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

    private async Task<TurnEvent> CommitAsync(LaneRun run, TurnCommit turn, CancellationToken cancellation)
    {
        // What is remembered is out of date from here on, whatever becomes of the commit.
        _cache.Forget(run.Key);
        try
        {
            var outcome = await committer.CommitAsync(turn, cancellation);
            if (outcome == CommitOutcome.Committed)
            {
                _cache.Keep(turn, run.Assignment);
                Tell(run.Key, turn);
            }

            return new TurnEvent.CommitReturned(outcome);
        }
        catch (StoreUnavailableException e)
        {
            return new TurnEvent.StoreFailed(e.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogThrew(e, turn.TurnId, run.Key);
            return new TurnEvent.Threw(e.Message);
        }
    }

    private void Tell(ConversationKey key, TurnCommit turn)
    {
        if (turn.Facts.Parked)
        {
            metrics.Parked();
            if (turn.Facts.Reason is { } reason) LogParked(key, turn.Parked.Count, reason);
        }
        else if (turn.Released.Count > 0 && !turn.Facts.Fallback)
        {
            metrics.Released();
        }
    }

    private async Task<bool> DeadLetterAsync(LaneRun run, TurnEffect.DeadLetter letters)
    {
        metrics.Skipped();
        LogSkipped(run.Key, letters.Messages.Count, letters.Reason);
        foreach (var (message, partition, offset, _) in letters.Messages)
        {
            // A message of the parked list came in a record of long ago; what it said is all here.
            var record = run.Records.FirstOrDefault(r => r.Offset == offset && r.Decoded is DecodedRecord.OfMessage)?.Record
                ?? RecordCodec.Encode(message, ReplyPublisher.Source);
            var written = await deadLetters.WriteAsync(record, Topics.Inbound, partition, offset, letters.Reason);
            if (!written.Acknowledged) return false;
        }

        return true;
    }

    [LoggerMessage(1, LogLevel.Warning, "Turn {Turn} of {Conversation} again in {After}: {Reason}")]
    private partial void LogRetry(string turn, ConversationKey conversation, TimeSpan after, string reason);

    [LoggerMessage(2, LogLevel.Warning, "Turn {Turn} of {Conversation}: {Outcome}")]
    private partial void LogEngine(string turn, ConversationKey conversation, EngineOutcome outcome);

    [LoggerMessage(3, LogLevel.Error, "Turn {Turn} of {Conversation} is more than this program can handle")]
    private partial void LogThrew(Exception e, string turn, ConversationKey conversation);

    [LoggerMessage(4, LogLevel.Error, "{Conversation} is parked with {Messages} messages: {Reason}")]
    private partial void LogParked(ConversationKey conversation, int messages, string reason);

    [LoggerMessage(5, LogLevel.Error, "{Conversation}: {Messages} messages are dropped with the fallback text and kept with the dead letters: {Reason}")]
    private partial void LogSkipped(ConversationKey conversation, int messages, string reason);

    [LoggerMessage(6, LogLevel.Information, "{Conversation}: command {Command} by {By}: {Reason}")]
    private partial void LogCommand(ConversationKey conversation, string command, string? by, string? reason);

    [LoggerMessage(7, LogLevel.Warning, "{Conversation}: attempt {Attempt} could not be withdrawn and counts as unfinished: {Reason}")]
    private partial void LogNotWithdrawn(ConversationKey conversation, string attempt, string reason);
}
