using System.Text.Json;
using Parley.Common.Conversations;

namespace Parley.Common.Stores.Sql;

/// <summary>Turns of different conversations, with different messages and turn ids, committed side by side in one transaction.</summary>
/// <remarks>
/// Nearly always every turn is the next of its conversation. So all is written in one go first (<see cref="TryAsync"/>). When a row is there
/// already, or a conversation is at another version, the transaction is rolled back and the careful way is taken (<see cref="RunAsync"/>):
/// first everything that can collide is claimed: conversations, turns, messages. What could not be claimed decides the outcomes. Then
/// the losers' claims are taken back and the winners' replies and states are written. Each claim goes through its rows in one order,
/// and the claims in this order, so two committers never wait for each other in a circle.
/// </remarks>
internal sealed class TurnWave
{
    private readonly IReadOnlyList<TurnCommit> _turns;
    private readonly DateTimeOffset _now;
    private readonly List<TurnCommit> _inOrder;
    private readonly List<object?[]> _newConversations;
    private readonly List<object?[]> _turnRows;
    private readonly List<object?[]> _messageRows;
    private readonly Dictionary<ConversationKey, long> _versions = [];
    private readonly HashSet<ConversationKey> _created = [];
    private readonly HashSet<(string Tenant, string TurnId)> _claimedTurns = [];
    private readonly HashSet<MessageIdentity> _claimedMessages = [];

    public TurnWave(IReadOnlyList<TurnCommit> turns, DateTimeOffset now)
    {
        (_turns, _now) = (turns, now);
        _inOrder = [.. turns.OrderBy(t => t.Key.Tenant, StringComparer.Ordinal).ThenBy(t => t.Key.ConversationId, StringComparer.Ordinal)];
        _newConversations = [.. _inOrder.Where(t => t.ExpectedVersion == 0).Select(ConversationRow)];
        _turnRows = [.. _inOrder.OrderBy(t => t.TurnId, StringComparer.Ordinal).Select(TurnRow)];
        _messageRows = [.. MessageRows(turns)];
    }

    /// <summary>What a turn must be alone with in its wave.</summary>
    public static IEnumerable<object> Touches(TurnCommit turn) =>
        [turn.Key, (turn.Key.Tenant, turn.TurnId), .. turn.Messages.Select(m => (object)m.Message.Identity)];

    /// <summary>
    /// Writes all turns at once; false, or an error of <see cref="Fault.Duplicate"/>, when one of them is not the next of its conversation: then nothing
    /// of this transaction may be kept.
    /// </summary>
    public async Task<bool> TryAsync(ISqlSession session, CancellationToken cancellation)
    {
        // Parked messages move between tables: rare, and not worth a second way.
        if (_turns.Any(t => t.Parked.Count > 0 || t.Released.Count > 0)) return false;

        var known = _inOrder.FindAll(t => t.ExpectedVersion > 0);
        var updated = 0L;
        await session.RunAsync(
            [
                new(TurnStatements.CreateConversations, _newConversations),
                new(TurnStatements.UpdateConversations, [.. known.Select(ConversationRow)], OnChanged: rows => updated = rows),
                new(TurnStatements.InsertTurns, _turnRows),
                new(TurnStatements.InsertMessages, _messageRows),
                new(TurnStatements.InsertReplies, [.. _inOrder.SelectMany(ReplyRows)]),
                DeleteAttempts(_inOrder),
            ],
            cancellation);
        return updated == known.Count;
    }

    /// <returns>The outcomes in the order of the turns; they count once the transaction is committed.</returns>
    public async Task<IReadOnlyList<CommitOutcome>> RunAsync(ISqlSession session, CancellationToken cancellation)
    {
        // A transaction that is run again starts from nothing.
        _versions.Clear();
        _created.Clear();
        _claimedTurns.Clear();
        _claimedMessages.Clear();

        var known = _inOrder.FindAll(t => t.ExpectedVersion > 0);
        await session.RunAsync(
            [
                new(TurnStatements.ClaimConversations, _newConversations, row => _created.Add(new ConversationKey(row.Text(0), row.Text(1)))),
                new(TurnStatements.LockConversations, [.. known.Select((t, i) => new object?[] { (long)i, t.Key.Tenant, t.Key.ConversationId })],
                    row => _versions[known[(int)row.Long(0)].Key] = row.Long(1)),
                new(TurnStatements.ClaimTurns, _turnRows, row => _claimedTurns.Add((row.Text(0), row.Text(1)))),
                new(TurnStatements.ClaimMessages, _messageRows,
                    row => _claimedMessages.Add(new MessageIdentity(row.Text(0), row.Text(1), row.Text(2), row.Text(3)))),
            ],
            cancellation);
        var outcomes = _turns.Select(Decide).ToArray();
        var winners = _turns.Where((_, i) => outcomes[i] == CommitOutcome.Committed).ToList();
        var losers = _turns.Where((_, i) => outcomes[i] != CommitOutcome.Committed).ToList();
        await session.RunAsync([.. TakeBack(losers), .. Write(winners)], cancellation);
        return outcomes;
    }

    private CommitOutcome Decide(TurnCommit turn)
    {
        if (!_claimedTurns.Contains((turn.Key.Tenant, turn.TurnId))) return CommitOutcome.Duplicate;
        foreach (var message in turn.Messages)
        {
            if (!_claimedMessages.Contains(message.Message.Identity)) return CommitOutcome.Duplicate;
        }

        var current = turn.ExpectedVersion == 0
            ? _created.Contains(turn.Key)
            : _versions.TryGetValue(turn.Key, out var version) && version == turn.ExpectedVersion;
        return current ? CommitOutcome.Committed : CommitOutcome.Conflict;
    }

    private IEnumerable<Step> TakeBack(List<TurnCommit> losers) =>
    [
        new(TurnStatements.DeleteConversations,
            [.. losers.Where(t => _created.Contains(t.Key)).Select(t => new object?[] { t.Key.ConversationId, t.Key.Tenant })]),
        new(TurnStatements.DeleteTurns,
            [.. losers.Where(t => _claimedTurns.Contains((t.Key.Tenant, t.TurnId))).Select(t => new object?[] { t.TurnId, t.Key.Tenant })]),
        new(TurnStatements.DeleteMessages,
            [.. losers.SelectMany(t => t.Messages).Select(m => m.Message.Identity).Where(_claimedMessages.Contains)
                .Select(i => new object?[] { i.MessageId, i.Account, i.Channel, i.Tenant })]),
    ];

    private IEnumerable<Step> Write(List<TurnCommit> winners) =>
    [
        new(TurnStatements.UpdateConversations, [.. winners.Where(t => t.ExpectedVersion > 0).Select(ConversationRow)]),
        new(TurnStatements.InsertReplies, [.. winners.SelectMany(ReplyRows)]),
        new(ParkedStatements.Delete, [.. winners.SelectMany(t => t.Released).Select(p => new object?[] { p.Message.ConversationId, p.Message.Tenant, p.Seq })]),
        new(ParkedStatements.MoveMessages, [.. winners.SelectMany(MovedRows)]),
        new(ParkedStatements.Insert, [.. winners.SelectMany(t => t.Parked).Select(ParkedRow)]),
        DeleteAttempts(winners),
    ];

    private static Step DeleteAttempts(List<TurnCommit> turns) => new(
        TurnStatements.DeleteAttempts, [.. turns.Where(t => t.MayHaveAttempts).Select(t => new object?[] { t.Key.ConversationId, t.Key.Tenant })]);

    private object?[] ConversationRow(TurnCommit turn) =>
    [
        turn.Key.Tenant, turn.Key.ConversationId, turn.State.Version, turn.State.LastSeq,
        JsonSerializer.Serialize(turn.State, StoreJson.Stored.ConversationState), _now,
    ];

    private object?[] TurnRow(TurnCommit turn) =>
    [
        turn.Key.Tenant, turn.TurnId, turn.Key.ConversationId, turn.State.Version, turn.FirstSeq(), turn.State.LastSeq,
        JsonSerializer.Serialize(turn.Facts, StoreJson.Stored.TurnFacts), _now,
    ];

    private IEnumerable<object?[]> MessageRows(IReadOnlyList<TurnCommit> turns) => turns
        .SelectMany(turn => turn.Messages, (turn, entry) => (turn.TurnId, Entry: entry, entry.Message))
        .OrderBy(x => x.Message.MessageId, StringComparer.Ordinal)
        .ThenBy(x => x.Message.Tenant, StringComparer.Ordinal)
        .ThenBy(x => x.Message.Account, StringComparer.Ordinal)
        .Select(x => new object?[]
        {
            x.Message.Tenant, x.Message.Channel, x.Message.Account, x.Message.MessageId, x.Message.ConversationId, x.Entry.Seq, x.TurnId,
            x.Message.Kind, JsonSerializer.Serialize(x.Message, StoreJson.Stored.InboundMessage), (long)x.Entry.Partition, x.Entry.Offset,
            x.Message.ReceivedAt, _now,
        });

    private static IEnumerable<object?[]> ReplyRows(TurnCommit turn) => turn.Replies.Select(reply => new object?[]
    {
        reply.Tenant, reply.ReplyId, reply.ConversationId, reply.Seq, reply.TurnId, reply.Channel, reply.Account,
        JsonSerializer.Serialize(reply, StoreJson.Stored.Reply), reply.CreatedAt,
    });

    private static IEnumerable<object?[]> MovedRows(TurnCommit turn) => turn.Released.Select(p => p.Message.Identity)
        .Select(i => new object?[] { i.Tenant, i.Channel, i.Account, i.MessageId, turn.TurnId });

    private static object?[] ParkedRow(ParkedMessage parked) =>
    [
        parked.Message.Tenant, parked.Message.ConversationId, parked.Seq, parked.TurnId,
        JsonSerializer.Serialize(parked.Message, StoreJson.Stored.InboundMessage), (long)parked.Partition, parked.Offset, parked.Reason,
        (long)parked.Attempts, parked.ParkedAt, parked.CommandId,
    ];
}
