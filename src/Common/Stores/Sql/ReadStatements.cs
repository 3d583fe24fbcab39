using static Parley.Common.Stores.Sql.Column;

namespace Parley.Common.Stores.Sql;

internal static class ReadStatements
{
    public static readonly Statement Ping = new("SELECT version FROM schema_version");

    public static readonly Statement LoadConversations = new(
        """
        SELECT n.ord, t.version, t.last_seq, t.state
        FROM {rows} JOIN conversations AS t ON t.conversation_id BETWEEN n.conversation_id AND n.conversation_id AND t.tenant = n.tenant
        """,
        Long("ord"), Text("tenant"), Text("conversation_id"));

    public static readonly Statement FindSeen = new(
        """
        SELECT n.ord, m.conversation_id, m.turn_id, u.facts, u.first_seq, u.last_seq
        FROM {rows}
        JOIN messages AS m ON m.message_id BETWEEN n.message_id AND n.message_id AND m.account = n.account AND m.channel = n.channel AND m.tenant {unindexed} = n.tenant
        JOIN turns AS u ON u.turn_id BETWEEN m.turn_id AND m.turn_id AND u.tenant = m.tenant
        """,
        Long("ord"), Text("tenant"), Text("channel"), Text("account"), Text("message_id"));

    // The replies of a turn stand in its stretch of the history, so they need no index of their own.
    public static readonly Statement RepliesOfTurn = new(
        "SELECT data, state, delivery FROM replies WHERE tenant {unindexed} = $1 AND conversation_id = $2 AND seq >= $3 AND seq <= $4 ORDER BY seq",
        Text("tenant"), Text("conversation_id"), Long("first"), Long("last"));

    public static readonly Statement FindPendingReplies = new(
        // Not "= 'pending'": that would let PostgreSQL read the sweep's index, which holds all that is owed to anybody.
        "SELECT data FROM replies WHERE tenant {unindexed} = $1 AND conversation_id = $2 AND state BETWEEN 'pending' AND 'pending' ORDER BY seq",
        Text("tenant"), Text("conversation_id"));

    public static readonly Statement CountHistory = new(
        "SELECT last_seq FROM conversations WHERE tenant = $1 AND conversation_id = $2", Text("tenant"), Text("conversation_id"));

    public static readonly Statement ReadHistory = new(
        """
        SELECT seq, 'in', data, NULL, NULL FROM messages WHERE tenant {unindexed} = $1 AND conversation_id = $2 AND seq > $3 AND seq <= $4
        UNION ALL
        SELECT seq, 'out', data, delivery, delivery_reason FROM replies WHERE tenant {unindexed} = $1 AND conversation_id = $2 AND seq > $3 AND seq <= $4
        ORDER BY 1 LIMIT $5
        """,
        Text("tenant"), Text("conversation_id"), Long("after"), Long("up_to"), Long("limit"));
}
