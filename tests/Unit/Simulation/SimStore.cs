using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;

namespace Parley.Unit.Simulation;

/// <summary>The store's contract in memory: one conditional write a turn, unique messages, the ledger's compare-and-set; every call may fail or answer too late.</summary>
internal sealed class SimStore(SimWorld world)
{
    private readonly Dictionary<ConversationKey, ConversationState> _states = [];
    private readonly Dictionary<MessageIdentity, (TurnCommit Turn, CommittedMessage Message)> _seen = [];
    private readonly Dictionary<string, (Reply Reply, LedgerEntry Entry)> _replies = [];

    private readonly Dictionary<ConversationKey, List<ParkedMessage>> _parked = [];
    private readonly Dictionary<ConversationKey, Dictionary<string, TurnAttempt>> _attempts = [];
    private readonly Dictionary<string, int> _episodes = [];
    private readonly HashSet<string> _turnIds = [];
    private readonly HashSet<string> _answered = [];

    public List<TurnCommit> Turns { get; } = [];

    public IEnumerable<ConversationKey> Parked => _parked.Where(p => p.Value.Count > 0).Select(p => p.Key);

    public ParkedPage ParkedOf(ConversationKey key) => _parked.TryGetValue(key, out var list) ? new ParkedPage([.. list.Take(32)], list.Count) : new ParkedPage([], 0);

    public IReadOnlyList<Reply> PendingOf(ConversationKey key) =>
        [.. _replies.Values.Where(r => r.Reply.Key == key && r.Entry.State == LedgerState.Pending).Select(r => r.Reply).OrderBy(r => r.Seq)];

    /// <summary>How often a message was parked: what is counted about it begins anew each time.</summary>
    public int EpisodeOf(string message) => _episodes.GetValueOrDefault(message);

    public void RecordAttempt(TurnAttempt attempt)
    {
        if (!_attempts.TryGetValue(attempt.Key, out var rows)) _attempts.Add(attempt.Key, rows = []);
        if (attempt.State == AttemptState.Withdrawn) rows.Remove(attempt.AttemptId);
        else rows[attempt.AttemptId] = attempt;
    }

    public IReadOnlyList<AttemptCount> CountAttempts(ConversationKey key) => !_attempts.TryGetValue(key, out var rows) ? [] :
    [
        .. rows.Values.GroupBy(a => a.Head).Select(g => new AttemptCount(g.Key, g.Count(a => a.State == AttemptState.Failed), g.Count(a => a.State == AttemptState.Begun))),
    ];

    /// <summary>Attempts of a conversation that have no end.</summary>
    public IReadOnlyList<string> Begun(ConversationKey key) =>
        _attempts.TryGetValue(key, out var rows) ? [.. rows.Values.Where(a => a.State == AttemptState.Begun).Select(a => a.AttemptId)] : [];

    public IEnumerable<(Reply Reply, LedgerEntry Entry)> Replies => _replies.Values;

    public bool HasSeen(MessageIdentity message) => _seen.ContainsKey(message);

    public ConversationState? StateOf(ConversationKey key) => _states.GetValueOrDefault(key);

    public IReadOnlyList<SeenMessage> FindSeen(IReadOnlyList<MessageIdentity> messages) =>
    [
        .. messages.Where(_seen.ContainsKey).Select(m => new SeenMessage(m, _seen[m].Turn.Key, _seen[m].Turn.TurnId, _seen[m].Turn.Facts,
            [.. _seen[m].Turn.Replies.Select(r => new StoredReply(r, _replies[r.ReplyId].Entry.State, DeliveryStatus.Pending))])),
    ];

    public LedgerEntry? FindReply(string replyId) => _replies.TryGetValue(replyId, out var row) ? row.Entry : null;

    public CommitOutcome Commit(TurnCommit turn)
    {
        var known = _states.GetValueOrDefault(turn.Key);
        if ((known?.Version ?? 0) != turn.ExpectedVersion)
        {
            world.Count("commit conflict");
            return CommitOutcome.Conflict;
        }

        if (_turnIds.Contains(turn.TurnId) || turn.Messages.Any(m => _seen.ContainsKey(m.Message.Identity)))
        {
            world.Count("commit duplicate");
            return CommitOutcome.Duplicate;
        }

        world.Check(turn.State.Version == turn.ExpectedVersion + 1, $"{turn.Key}: version jumps to {turn.State.Version}");
        var seqs = turn.Messages.Select(m => m.Seq).Concat(turn.Replies.Select(r => r.Seq)).Order().ToList();
        world.Check(seqs.SequenceEqual(Enumerable.Range(1, seqs.Count).Select(i => (known?.LastSeq ?? 0) + i)), $"{turn.Key}: sequences have gaps");
        foreach (var message in turn.Messages) _seen.Add(message.Message.Identity, (turn, message));
        foreach (var reply in turn.Replies)
        {
            world.Check(_replies.TryAdd(reply.ReplyId, (reply, new LedgerEntry { Tenant = reply.Tenant, ReplyId = reply.ReplyId, State = LedgerState.Pending })), $"reply {reply.ReplyId} twice");
        }

        _turnIds.Add(turn.TurnId);
        Move(turn);
        _attempts.Remove(turn.Key);
        _states[turn.Key] = turn.State;
        Turns.Add(turn);
        return CommitOutcome.Committed;
    }

    /// <summary>What a commit does to the parked list, with what must hold of it.</summary>
    private void Move(TurnCommit turn)
    {
        if (!_parked.TryGetValue(turn.Key, out var list)) _parked.Add(turn.Key, list = []);
        if (turn.Facts.Parked && turn.Facts.Reason is not null) CheckSpent(turn);

        world.Check(list.Take(turn.Released.Count).Select(p => p.Seq).SequenceEqual(turn.Released.Select(p => p.Seq)), $"{turn.Key}: released is not what was parked first");
        list.RemoveRange(0, turn.Released.Count);
        foreach (var released in turn.Released) _seen[released.Message.Identity] = (turn, _seen[released.Message.Identity].Message);
        foreach (var parked in turn.Parked)
        {
            world.Count(turn.Released.Count > 0 ? "parked again" : "parked");
            _episodes[parked.Message.MessageId] = EpisodeOf(parked.Message.MessageId) + 1;
            list.Add(parked);
        }

        list.Sort((a, b) => a.Seq.CompareTo(b.Seq));
        if (!turn.Facts.Parked)
        {
            if (turn.Released.Count > 0) world.Count(turn.Facts.Fallback ? "skipped by a command" : "released");
            else if (turn.Facts.Fallback && turn.Facts.Reason != SimEngine.Away) world.Count("skipped");
            foreach (var message in turn.Messages.Select(m => m.Message).Concat(turn.Released.Select(r => r.Message)))
            {
                world.Check(_answered.Add(message.MessageId), $"message {message.MessageId} was answered twice");
                world.Check(!turn.Facts.Fallback || turn.Facts.Reason == SimEngine.Away || world.DeadLetters.Contains(message.MessageId), $"message {message.MessageId} was dropped and is not with the dead letters");
            }
        }

        world.Check(!list.Exists(p => _answered.Contains(p.Message.MessageId)), $"{turn.Key}: a message is parked and answered");
        world.Check((turn.State.Status == ConversationStatus.Parked) == (list.Count > 0), $"{turn.Key} is {turn.State.Status} with {list.Count} messages parked");
    }

    /// <summary>Nobody is parked who was only near: failures of its own, refusals, or two attempts that no living owner will end.</summary>
    private void CheckSpent(TurnCommit turn)
    {
        var head = turn.Parked[0].Message.MessageId;
        var deaths = CountAttempts(turn.Key).Sum(a => a.Unfinished);
        world.Check(
            world.Engine.HasSpent(head) || deaths >= 2 || (turn.Released.Count > 0 && turn.Facts.Reason == SimEngine.Away),
            $"message {head} was parked with {deaths} deaths and no failures that would be enough: {turn.Facts.Reason}");
        if (deaths >= 2 && world.Engine.Poisons.GetValueOrDefault(head)?.Kills != true) world.Count("parked after deaths that were not its own");
    }

    public bool TryUpdateLedger(LedgerEntry expected, LedgerEntry next)
    {
        var (reply, present) = _replies[expected.ReplyId];
        if ((present.State, present.Attempt, present.Owner) != (expected.State, expected.Attempt, expected.Owner))
        {
            world.Count("ledger lost");
            return false;
        }

        _replies[expected.ReplyId] = (reply, next);
        return true;
    }

    /// <summary>What a status of the channel does to the ledger.</summary>
    public void Settle(string replyId, string providerId)
    {
        var (reply, present) = _replies[replyId];
        if (present.State is LedgerState.Sending or LedgerState.Unknown) _replies[replyId] = (reply, present with { State = LedgerState.Sent, ProviderMessageId = providerId });
    }
}
