using static Parley.Common.Stores.Sql.Column;

namespace Parley.Common.Stores.Sql;

/// <summary>The statements of a commit, in the order they run. See <see cref="TurnWave"/>.</summary>
internal static class TurnStatements
{
    // SQLite cannot tell ON CONFLICT, which the claims add, from a join condition without the WHERE.
    public static readonly Statement CreateConversations = new(
        """
        INSERT INTO conversations (tenant, conversation_id, version, last_seq, state, updated_at)
        SELECT n.tenant, n.conversation_id, n.version, n.last_seq, n.state, n.updated_at FROM {rows} WHERE true
        """,
        Text("tenant"), Text("conversation_id"), Long("version"), Long("last_seq"), Json("state"), Time("updated_at"));

    public static readonly Statement ClaimConversations = CreateConversations.Claiming("tenant, conversation_id");

    public static readonly Statement LockConversations = new(
        """
        SELECT n.ord, t.version
        FROM {rows} JOIN conversations AS t ON t.conversation_id BETWEEN n.conversation_id AND n.conversation_id AND t.tenant = n.tenant
        ORDER BY n.ord {lock}
        """,
        Long("ord"), Text("tenant"), Text("conversation_id"));

    public static readonly Statement InsertTurns = new(
        """
        INSERT INTO turns (tenant, turn_id, conversation_id, version, first_seq, last_seq, facts, committed_at)
        SELECT n.tenant, n.turn_id, n.conversation_id, n.version, n.first_seq, n.last_seq, n.facts, n.committed_at FROM {rows} WHERE true
        """,
        Text("tenant"), Text("turn_id"), Text("conversation_id"), Long("version"), Long("first_seq"), Long("last_seq"), Json("facts"),
        Time("committed_at"));

    public static readonly Statement ClaimTurns = InsertTurns.Claiming("tenant, turn_id");

    public static readonly Statement InsertMessages = new(
        """
        INSERT INTO messages (tenant, channel, account, message_id, conversation_id, seq, turn_id, kind, data,
            record_partition, record_offset, received_at, committed_at)
        SELECT n.tenant, n.channel, n.account, n.message_id, n.conversation_id, n.seq, n.turn_id, n.kind, n.data,
            n.record_partition, n.record_offset, n.received_at, n.committed_at FROM {rows} WHERE true
        """,
        Text("tenant"), Text("channel"), Text("account"), Text("message_id"), Text("conversation_id"), Long("seq"), Text("turn_id"),
        Text("kind"), Json("data"), Long("record_partition"), Long("record_offset"), Time("received_at"), Time("committed_at"));

    public static readonly Statement ClaimMessages = InsertMessages.Claiming("tenant, channel, account, message_id");

    public static readonly Statement DeleteConversations = Statement.Delete("conversations", Text("conversation_id"), Text("tenant"));

    public static readonly Statement DeleteTurns = Statement.Delete("turns", Text("turn_id"), Text("tenant"));

    public static readonly Statement DeleteMessages = Statement.Delete("messages", Text("message_id"), Text("account"), Text("channel"), Text("tenant"));

    public static readonly Statement UpdateConversations = new(
        """
        UPDATE conversations AS t
        SET version = n.version, last_seq = n.last_seq, state = n.state, updated_at = n.updated_at
        FROM {rows} WHERE t.conversation_id BETWEEN n.conversation_id AND n.conversation_id AND t.tenant = n.tenant AND t.version = n.version - 1
        """,
        [.. CreateConversations.Columns]);

    public static readonly Statement InsertReplies = new(
        """
        INSERT INTO replies (tenant, reply_id, conversation_id, seq, turn_id, channel, account, data, created_at,
            state, attempt, parts_sent, delivery, updated_at)
        SELECT n.tenant, n.reply_id, n.conversation_id, n.seq, n.turn_id, n.channel, n.account, n.data, n.created_at,
            'pending', 0, 0, 'pending', n.created_at FROM {rows} WHERE true
        """,
        Text("tenant"), Text("reply_id"), Text("conversation_id"), Long("seq"), Text("turn_id"), Text("channel"), Text("account"),
        Json("data"), Time("created_at"));

    // All of the conversation's: a turn that grew by a message while it was tried has another id than the one that commits.
    public static readonly Statement DeleteAttempts = Statement.Delete("attempts", Text("conversation_id"), Text("tenant"));
}
