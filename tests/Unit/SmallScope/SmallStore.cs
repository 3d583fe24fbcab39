using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;

namespace Parley.Unit.SmallScope;

/// <summary>The store's contract in memory, small enough to be copied for every step.</summary>
internal sealed class SmallStore
{
    private readonly Dictionary<ConversationKey, ConversationState> _states;
    private readonly Dictionary<string, StoredLedger> _rows;
    private readonly List<TurnCommit> _turns;
    private readonly Dictionary<string, TurnAttempt> _attempts;
    private readonly Broken _broken;

    public SmallStore(Broken broken) => (_broken, _states, _rows, _turns, _attempts) = (broken, [], [], [], []);

    private SmallStore(SmallStore other) => (_broken, _states, _rows, _turns, _attempts) =
        (other._broken, new(other._states), new(other._rows), [.. other._turns], new(other._attempts));

    public IReadOnlyList<TurnCommit> Turns => _turns;

    public IEnumerable<Reply> Replies => _turns.SelectMany(t => t.Replies);

    public SmallStore Copy() => new(this);

    public ConversationState? StateOf(ConversationKey key) => _states.GetValueOrDefault(key);

    public TurnCommit? TurnOf(MessageIdentity message) => _turns.Find(t => t.Messages.Any(m => m.Message.Identity == message));

    public IReadOnlyList<SeenMessage> FindSeen(IReadOnlyList<MessageIdentity> messages) =>
    [
        .. messages.Select(m => (Message: m, Turn: TurnOf(m))).Where(m => m.Turn is not null).Select(m => new SeenMessage(
            m.Message, m.Turn!.Key, m.Turn.TurnId, m.Turn.Facts, [.. m.Turn.Replies.Select(r => new StoredReply(r, Row(r.ReplyId).State, DeliveryStatus.Pending))])),
    ];

    public void RecordAttempt(TurnAttempt attempt)
    {
        if (attempt.State == AttemptState.Withdrawn) _attempts.Remove(attempt.AttemptId);
        else _attempts[attempt.AttemptId] = attempt;
    }

    public IReadOnlyList<AttemptCount> CountAttempts(ConversationKey key) =>
    [
        .. _attempts.Values.Where(a => a.Key == key).GroupBy(a => a.Head).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => new AttemptCount(g.Key, g.Count(a => a.State == AttemptState.Failed), g.Count(a => a.State == AttemptState.Begun))),
    ];

    public CommitOutcome Commit(TurnCommit turn)
    {
        TurnRules.Check(turn);
        if (_broken != Broken.StoreComparesNothing)
        {
            if ((StateOf(turn.Key)?.Version ?? 0) != turn.ExpectedVersion) return CommitOutcome.Conflict;
            if (turn.Messages.Any(m => TurnOf(m.Message.Identity) is not null)) return CommitOutcome.Duplicate;
        }

        foreach (var message in turn.Messages)
        {
            if (TurnOf(message.Message.Identity) is not null) throw new SmallViolationException($"{message.Message.MessageId} is answered twice");
        }

        _states[turn.Key] = turn.State;
        foreach (var attempt in _attempts.Values.Where(a => a.Key == turn.Key).ToList()) _attempts.Remove(attempt.AttemptId);
        _turns.Add(turn);
        foreach (var reply in turn.Replies)
        {
            if (!_rows.TryAdd(reply.ReplyId, new StoredLedger(new LedgerEntry { Tenant = reply.Tenant, ReplyId = reply.ReplyId, State = LedgerState.Pending }, DeliveryStatus.Pending, null)))
            {
                throw new SmallViolationException($"the reply to {string.Join('+', reply.InReplyTo)} is made twice");
            }
        }

        return CommitOutcome.Committed;
    }

    public LedgerEntry Row(string replyId) => _rows[replyId].Entry;

    public bool TryUpdateLedger(LedgerEntry expected, LedgerEntry next)
    {
        var row = _rows[expected.ReplyId];
        if (_broken != Broken.LedgerComparesNothing && (row.Entry.State, row.Entry.Attempt, row.Entry.Owner) != (expected.State, expected.Attempt, expected.Owner)) return false;
        _rows[expected.ReplyId] = row with { Entry = next with { ProviderMessageId = next.ProviderMessageId ?? row.Entry.ProviderMessageId } };
        return true;
    }

    public void Receive(Receipt receipt) => _rows[receipt.ReplyId!] = LedgerRules.Receive(_rows[receipt.ReplyId!], receipt);
}
