using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.Common.Tenants;
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
///   │   tried before, or perhaps? ──▶ write the attempt
///   │        │                          │
///   │        ▼                          ▼
///   │   engine ◀────────────────────────┘
///   │        ├─down────▶ retry, or the fallback text when patience is over
///   │        ├─failed──▶ write that down, retry later; after the budget park, or skip
///   │        ▼
///   └─────commit ──conflict or duplicate: somebody else was there, read again
///            │
///            ▼
///         publish ─▶ done
/// </code>
/// Nothing that leaves the process does so before the commit. A crash anywhere runs the turn again from the start: before the commit
/// the engine is asked again with the same request id, after it the messages are seen and only the publishing is repeated.
/// The attempts are in Turn.Attempts.cs, turns over parked messages in Turn.Parked.cs.
/// </remarks>
internal sealed partial class Turn
{
    public const string NotAcknowledged = "the broker did not acknowledge the replies";
    private const int MaxReloads = 8;
    private static readonly TimeSpan StorePause = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan PublishPause = TimeSpan.FromMilliseconds(500);

    private readonly ConversationKey _key;
    private readonly IReadOnlyList<TurnMessage> _messages;
    private readonly TenantRules _rules;
    private readonly string _attemptId;
    private List<TurnMessage> _unseen = [];
    private List<InboundMessage> _asked = [];
    private IReadOnlyList<Reply> _owed = [];

    /// <summary>Facts of the messages that were seen: whoever committed them may have died before telling.</summary>
    private IReadOnlyList<ConversationEvent> _again = [];
    private ConversationState? _state;
    private TurnEffect.Publish? _publish;
    private int _reloads;

    /// <summary>Whether attempts at these messages may be written down.</summary>
    private bool _wasTried;

    /// <summary>Whether the commit under way is the last thing that can be done about the messages.</summary>
    private bool _lastResort;

    /// <param name="key">The conversation.</param>
    /// <param name="messages">Oldest first, at least one.</param>
    /// <param name="rules">Of the tenant.</param>
    /// <param name="attemptId">Of this run; unique.</param>
    /// <param name="memory">What the run before left.</param>
    public Turn(ConversationKey key, IReadOnlyList<TurnMessage> messages, TenantRules rules, string attemptId, TurnMemory? memory = null)
    {
        (_key, _messages, _rules, _attemptId, Memory) = (key, messages, rules, attemptId, memory ?? new TurnMemory());
        TurnId = DerivedId.Turn(key, messages[0].Message.Identity, messages[^1].Message.Identity);
    }

    public string TurnId { get; private set; }

    /// <summary>What the next run wants to know, if there is one.</summary>
    public TurnMemory Memory { get; private set; }

    // Whoever waits to be alone asks for that first: hundreds may wait, and each look at the store is time the one that runs does not get.
    public TurnEffect Start() => Memory.Alone ? new TurnEffect.Isolate() : Begin();

    /// <param name="happened">The outcome of the last effect.</param>
    /// <param name="now">The time of the event.</param>
    public TurnEffect On(TurnEvent happened, DateTimeOffset now) => happened switch
    {
        TurnEvent.Loaded e when _command is not null => OnParkedLoaded(e, now),
        TurnEvent.Loaded e => OnLoaded(e, now),
        TurnEvent.AttemptRecorded => OnAttemptRecorded(),
        TurnEvent.Isolated e => OnIsolated(e.Granted),
        TurnEvent.EngineReturned e => OnEngineReturned(e, now),
        TurnEvent.CommitReturned e => OnCommitReturned(e.Outcome),

        // The engine's answer would have been to half of what the customer said.
        TurnEvent.Interrupted => OnInterrupted(),

        // Whether the write happened is not guessed: the next run reads the messages back.
        TurnEvent.StoreFailed e => OnStoreFailed(e.Reason),
        TurnEvent.Threw e => _lastResort ? new TurnEffect.GiveUp(e.Reason) : OnFailed(e.Reason, spends: false, now),
        TurnEvent.PublishReturned { Acknowledged: true } => new TurnEffect.Done(_moreParked),
        TurnEvent.PublishReturned => new TurnEffect.Retry(PublishPause, NotAcknowledged),
        TurnEvent.DeadLettered { Acknowledged: true } => Fallback(_dropped!, TimeSpan.Zero, now),
        TurnEvent.DeadLettered => Close(AttemptState.Failed, new TurnEffect.Retry(PublishPause, "the broker did not acknowledge the dead letters")),
        _ => throw new InvalidOperationException($"no such event: {happened.GetType().Name}"),
    };

    private TurnEffect Begin() => Memory.Owed is { } owed ? Record(owed, Load()) : Load();

    // Earlier attempts cost a read, and matter only to turns that were tried, or may have been.
    private TurnEffect.Load Load()
    {
        _wasTried = _wasTried || _command is not null || Memory.HasFailed || _messages.Any(m => m.MayHaveRun);
        return _command is not null
            ? new TurnEffect.Load([], _wasTried, Parked: true, Reply: _command.Command == CommandNames.Skip ? DerivedId.Reply(SkipTurnId, 0) : null)
            : new TurnEffect.Load([.. _messages.Select(m => m.Message.Identity)], _wasTried);
    }

    private TurnEffect OnLoaded(TurnEvent.Loaded loaded, DateTimeOffset now)
    {
        _unseen = UnseenOf(loaded.Seen);
        _owed = OwedBy(loaded.Seen);
        _again = Again(loaded.Seen, now);

        // Every message was committed before: the outbox owes what is still pending, the engine is not asked again.
        if (_unseen.Count == 0) return _publish = new TurnEffect.Publish(_owed, _again, MayFollow: true);

        if (_unseen.Count < _messages.Count) TurnId = DerivedId.Turn(_key, _unseen[0].Message.Identity, _unseen[^1].Message.Identity);
        Count(loaded.Attempts);
        _state = (loaded.State ?? TurnState.New(_unseen[0].Message, now)).WithActivity(_key, TurnId, _rules.SessionTimeout, now);
        _asked = _unseen.Where(m => m.Message.Kind == InboundKinds.Message).Select(m => m.Message).ToList();
        if (_asked.Count == 0) return Commit(_state, [], new TurnFacts(), now);
        return _state.Status switch
        {
            ConversationStatus.Active => Ask(now),
            ConversationStatus.Parked => Park("the conversation was parked when it came", attempts: 0, now),
            _ => Commit(_state, [], new TurnFacts(), now),
        };
    }

    private List<TurnMessage> UnseenOf(IReadOnlyList<SeenMessage> seen)
    {
        // Nearly every turn.
        if (seen.Count == 0 && _messages.Count == 1) return [_messages[0]];
        var known = seen.Select(s => s.Identity).ToHashSet();
        return _messages.Where(m => !known.Contains(m.Message.Identity)).DistinctBy(m => m.Message.Identity).ToList();
    }

    private IReadOnlyList<ConversationEvent> Again(IReadOnlyList<SeenMessage> seen, DateTimeOffset now)
    {
        if (seen.Count == 0) return [];
        var turns = seen.DistinctBy(s => s.Identity).ToDictionary(s => s.Identity);
        return [.. _messages.Where(m => turns.ContainsKey(m.Message.Identity)).SelectMany(m => TurnFact.Again(m.Message, turns[m.Message.Identity], now))];
    }

    /// <summary>
    /// What earlier turns of these messages committed and nobody is known to have published. It goes out before anything newer does:
    /// a later reply that overtook it would be out of order for the customer.
    /// </summary>
    private static IReadOnlyList<Reply> OwedBy(IReadOnlyList<SeenMessage> seen) => seen.Count == 0 ? [] :
    [
        .. seen.SelectMany(s => s.Replies).Where(r => r.State == LedgerState.Pending).Select(r => r.Reply).DistinctBy(r => r.ReplyId).OrderBy(r => r.Seq),
    ];

    private TurnEffect OnEngineReturned(TurnEvent.EngineReturned returned, DateTimeOffset now)
    {
        switch (returned.Outcome)
        {
            case EngineOutcome.Answered(var response):
                var facts = new TurnFacts
                {
                    ProcessingTimeMs = (long)returned.Duration.TotalMilliseconds,
                    ModelUsed = Known(response.ModelUsed),
                    ModelProvider = Known(response.ModelProvider),
                    ConfidenceScore = response.ConfidenceScore,
                    NextExpectedInputs = response.NextExpectedInputs.Count > 0 ? [.. response.NextExpectedInputs] : null,
                };
                return Commit(TurnState.After(_state!, response), ReplyContents.Of(response), facts, now);

            case EngineOutcome.Down(var reason, var after):
                return now - Memory.WaitingSince < _rules.FallbackAfter
                    ? Close(AttemptState.Withdrawn, new TurnEffect.Retry(after, reason, WholeEngine: true))
                    : _command is null ? Fallback(reason, returned.Duration, now)
                    : Park(reason, _failed + _unfinished, now);

            case EngineOutcome.Failed(var reason):
                return OnFailed(reason, spends: false, now);

            case EngineOutcome.Refused(var reason):
                return OnFailed(reason, spends: true, now);

            default:
                throw new InvalidOperationException($"no such outcome: {returned.Outcome.GetType().Name}");
        }
    }

    private TurnEffect OnInterrupted()
    {
        Memory = Memory with { WaitingSince = null };
        return Close(AttemptState.Withdrawn, new TurnEffect.Retry(TimeSpan.Zero, "a further message joins the turn"));
    }

    private TurnEffect OnCommitReturned(CommitOutcome outcome)
    {
        if (outcome == CommitOutcome.Committed)
        {
            _open = null;
            return _publish!;
        }

        _lastResort = false;

        // An attempt that is open belongs to messages that may be somebody else's by now.
        if (_open is not null) return Close(AttemptState.Withdrawn, new TurnEffect.Retry(TimeSpan.Zero, "the conversation has changed"));
        return ++_reloads <= MaxReloads ? Start() : new TurnEffect.Retry(StorePause, "the conversation keeps changing");
    }

    private TurnEffect.Commit Fallback(string reason, TimeSpan duration, DateTimeOffset now)
    {
        _lastResort = true;
        var facts = new TurnFacts { ProcessingTimeMs = (long)duration.TotalMilliseconds, Fallback = true, Reason = reason };
        return Commit(_state!, [new ReplyContent { Type = "text", Text = _rules.FallbackText }], facts, now);
    }

    /// <summary>The conversation stops here: the messages count as seen, and are kept in order on the parked list.</summary>
    private TurnEffect.Commit Park(string reason, int attempts, DateTimeOffset now)
    {
        _lastResort = true;
        _moreParked = false;
        var parkedNow = _state!.Status != ConversationStatus.Parked || _command is not null;
        var state = parkedNow ? _state with { Status = ConversationStatus.Parked, ParkedReason = reason } : _state;
        return Commit(state, [], new TurnFacts { Parked = true, Reason = parkedNow ? reason : null }, now, attempts, reason);
    }

    private TurnEffect.Commit Commit(
        ConversationState state, IReadOnlyList<ReplyContent> contents, TurnFacts facts, DateTimeOffset now, int attempts = 0, string parkedReason = "")
    {
        var before = _state!;
        var seq = before.LastSeq;

        // Whatever the clocks say: the sweep publishes what is owed oldest first, and that has to be the order of the conversation.
        var at = now > before.UpdatedAt ? now : before.UpdatedAt;

        // The turn's own id stays free: by it the messages are answered when they are released.
        var turnId = facts.Parked ? "p_" + DerivedId.Of("park", _key.Tenant, _key.ConversationId, Number(before.Version)) : _skipping ? SkipTurnId : TurnId;
        var messages = _command is null ? _unseen.Select(m => new CommittedMessage(m.Message, ++seq, m.Partition, m.Offset)).ToList() : [];
        var parked = !facts.Parked ? []
            : _command is not null ? _released.Select(p => p with { Reason = parkedReason, Attempts = attempts, CommandId = _command.CommandId }).ToList()
            : messages.Where(m => m.Message.Kind == InboundKinds.Message)
                .Select(m => new ParkedMessage(m.Message, m.Seq, TurnId, m.Partition, m.Offset, parkedReason, attempts, now)).ToList();
        var replies = contents.Select((content, ordinal) => new Reply
        {
            ReplyId = DerivedId.Reply(turnId, ordinal),
            TurnId = turnId,
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
            CreatedAt = at,
        }).ToList();

        var turn = new TurnCommit
        {
            Key = _key,
            ExpectedVersion = before.Version,
            State = state with { Version = before.Version + 1, LastSeq = seq, UpdatedAt = at },
            TurnId = turnId,
            Messages = messages,
            Replies = replies,
            Parked = parked,
            Released = _released,
            MayHaveAttempts = _wasTried,
            Facts = facts,
        };
        var told = TurnFact.Of(_before ?? before, turn, _unseen, _command?.CommandId ?? turnId, now);
        _publish = new TurnEffect.Publish([.. _owed, .. replies], [.. _again, .. told], MayFollow: _command is null);
        return new TurnEffect.Commit(turn);
    }

    private static string Number(long value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string? Known(string text) => text.Length > 0 ? text : null;
}

/// <summary>A message of a turn, with the coordinates of its record.</summary>
/// <param name="MayHaveRun">Whether an earlier owner of the partition may have begun on it.</param>
internal sealed record TurnMessage(InboundMessage Message, int Partition, long Offset, bool MayHaveRun = false);
