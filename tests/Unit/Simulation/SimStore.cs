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

    public List<TurnCommit> Turns { get; } = [];

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

        if (turn.Messages.Any(m => _seen.ContainsKey(m.Message.Identity)))
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

        _states[turn.Key] = turn.State;
        Turns.Add(turn);
        return CommitOutcome.Committed;
    }

    public bool TryUpdateLedger(LedgerEntry expected, LedgerEntry next)
    {
        var (reply, present) = _replies[expected.ReplyId];
        if (present.State != expected.State || present.Attempt != expected.Attempt)
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
