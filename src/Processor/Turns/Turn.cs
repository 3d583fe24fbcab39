using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.Processor.Engine;

namespace Parley.Processor.Turns;

/// <summary>
/// One turn as a state machine: what to do first is <see cref="Start"/>, what to do after each outcome is <see cref="On"/>. No I/O, no
/// clock, no threads: the runner does the doing, and the simulation does it with faults.
/// </summary>
/// <remarks>
/// <code>
/// load ─▶ all seen? ──yes─▶ publish what the outbox still owes ─▶ done
///   ▲        │no
///   │        ▼
///   │   engine ──down──▶ retry, or the fallback text when patience is over
///   │        │
///   │        ▼
///   └─────commit ──conflict or duplicate: somebody else was there, read again
///            │
///            ▼
///         publish ─▶ done
/// </code>
/// Nothing that leaves the process does so before the commit. A crash anywhere runs the turn again from the start: before the commit
/// the engine is asked again with the same request id, after it the messages are seen and only the publishing is repeated.
/// </remarks>
internal sealed class Turn
{
    private const int MaxReloads = 8;
    private static readonly TimeSpan StorePause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PublishPause = TimeSpan.FromMilliseconds(500);

    private readonly ConversationKey _key;
    private readonly IReadOnlyList<TurnMessage> _messages;
    private readonly TenantRules _rules;
    private List<TurnMessage> _unseen = [];
    private List<Reply> _owed = [];
    private ConversationState? _state;
    private TurnEffect.Publish? _publish;
    private int _reloads;

    /// <param name="key">The conversation.</param>
    /// <param name="messages">Oldest first, at least one.</param>
    /// <param name="rules">Of the tenant.</param>
    public Turn(ConversationKey key, IReadOnlyList<TurnMessage> messages, TenantRules rules)
    {
        (_key, _messages, _rules) = (key, messages, rules);
        TurnId = DerivedId.Turn(key, messages[0].Message.Identity, messages[^1].Message.Identity);
    }

    public string TurnId { get; private set; }

    public TurnEffect Start() => new TurnEffect.Load(_messages.Select(m => m.Message.Identity).ToList());

    /// <param name="happened">The outcome of the last effect.</param>
    /// <param name="now">The time of the event.</param>
    public TurnEffect On(TurnEvent happened, DateTimeOffset now) => happened switch
    {
        TurnEvent.Loaded e => OnLoaded(e, now),
        TurnEvent.EngineReturned e => OnEngineReturned(e, now),
        TurnEvent.CommitReturned { Outcome: CommitOutcome.Committed } => _publish!,
        TurnEvent.CommitReturned => ++_reloads <= MaxReloads ? Start() : new TurnEffect.Retry(StorePause, "the conversation keeps changing"),

        // The engine's answer would have been to half of what the customer said.
        TurnEvent.Interrupted => new TurnEffect.Retry(TimeSpan.Zero, "a further message joins the turn"),

        // Whether the write happened is not guessed: the next run reads the messages back.
        TurnEvent.StoreFailed e => new TurnEffect.Retry(StorePause, e.Reason),
        TurnEvent.PublishReturned { Acknowledged: true } => new TurnEffect.Done(),
        TurnEvent.PublishReturned => new TurnEffect.Retry(PublishPause, "the broker did not acknowledge the replies"),
        _ => throw new InvalidOperationException($"no such event: {happened.GetType().Name}"),
    };

    private TurnEffect OnLoaded(TurnEvent.Loaded loaded, DateTimeOffset now)
    {
        var seen = loaded.Seen.Select(s => s.Identity).ToHashSet();
        _owed = OwedBy(loaded.Seen);
        _unseen = _messages.Where(m => !seen.Contains(m.Message.Identity)).DistinctBy(m => m.Message.Identity).ToList();
        if (_unseen.Count == 0) return Repeat(now);

        TurnId = DerivedId.Turn(_key, _unseen[0].Message.Identity, _unseen[^1].Message.Identity);
        _state = (loaded.State ?? TurnState.New(_unseen[0].Message, now)).WithActivity(_key, TurnId, _rules.SessionTimeout, now);
        var asked = _unseen.Where(m => m.Message.Kind == InboundKinds.Message).Select(m => m.Message).ToList();
        return asked.Count > 0 && _state.Status == ConversationStatus.Active
            ? new TurnEffect.CallEngine(TurnId, _state, asked)
            : Commit(_state, [], new TurnFacts(), now);
    }

    /// <summary>Every message was committed before: the outbox owes what is still pending, the engine is not asked again.</summary>
    private TurnEffect.Publish Repeat(DateTimeOffset now) =>
        _publish = new TurnEffect.Publish(_owed, [.. _messages.Select(m => TurnFact.Processed(m.Message, now))]);

    /// <summary>
    /// What earlier turns of these messages committed and nobody is known to have published. It goes out before anything newer does:
    /// a later reply that overtook it would be out of order for the customer.
    /// </summary>
    private static List<Reply> OwedBy(IReadOnlyList<SeenMessage> seen) =>
    [
        .. seen.SelectMany(s => s.Replies).Where(r => r.State == LedgerState.Pending).Select(r => r.Reply).DistinctBy(r => r.ReplyId).OrderBy(r => r.Seq),
    ];

    private TurnEffect OnEngineReturned(TurnEvent.EngineReturned returned, DateTimeOffset now)
    {
        switch (returned.Outcome)
        {
            case EngineOutcome.Answered(var response):
                var state = TurnState.After(_state!, response);
                var facts = new TurnFacts
                {
                    ProcessingTimeMs = (long)returned.Duration.TotalMilliseconds,
                    ModelUsed = Known(response.ModelUsed),
                    ModelProvider = Known(response.ModelProvider),
                    ConfidenceScore = response.ConfidenceScore,
                    NextExpectedInputs = response.NextExpectedInputs.Count > 0 ? [.. response.NextExpectedInputs] : null,
                };
                return Commit(state, ReplyContents.Of(response), facts, now);

            case EngineOutcome.Down(var reason, var after) when returned.Patience:
                return new TurnEffect.Retry(after, reason, WholeEngine: true);

            case EngineOutcome.Failed(var reason) when returned.Patience:
                return new TurnEffect.Retry(FailurePause, reason);

            default:
                var fallback = new TurnFacts { ProcessingTimeMs = (long)returned.Duration.TotalMilliseconds, Fallback = true };
                return Commit(_state!, [new ReplyContent { Type = "text", Text = _rules.FallbackText }], fallback, now);
        }
    }

    private TurnEffect.Commit Commit(ConversationState state, IReadOnlyList<ReplyContent> contents, TurnFacts facts, DateTimeOffset now)
    {
        var before = _state!;
        var seq = before.LastSeq;
        var messages = _unseen.Select(m => new CommittedMessage(m.Message, ++seq, m.Partition, m.Offset)).ToList();
        var replies = contents.Select((content, ordinal) => new Reply
        {
            ReplyId = DerivedId.Reply(TurnId, ordinal),
            TurnId = TurnId,
            Tenant = _key.Tenant,
            ConversationId = _key.ConversationId,
            Channel = state.Channel,
            Account = state.Account,
            To = state.Participant.Id,
            Thread = state.Thread,
            Seq = ++seq,
            InReplyTo = [.. _unseen.Select(m => m.Message.MessageId)],
            Content = content,
            Fallback = facts.Fallback,
            OwnershipEpoch = state.OwnershipEpoch,
            CreatedAt = now,
        }).ToList();

        _publish = new TurnEffect.Publish([.. _owed, .. replies], TurnFact.Of(before, state, _unseen, replies, facts, now));
        return new TurnEffect.Commit(new TurnCommit
        {
            Key = _key,
            ExpectedVersion = before.Version,
            State = state with { Version = before.Version + 1, LastSeq = seq, UpdatedAt = now },
            TurnId = TurnId,
            Messages = messages,
            Replies = replies,
            Facts = facts,
        });
    }

    private static string? Known(string text) => text.Length > 0 ? text : null;
}

/// <summary>A message of a turn, with the coordinates of its record.</summary>
internal sealed record TurnMessage(InboundMessage Message, int Partition, long Offset);
