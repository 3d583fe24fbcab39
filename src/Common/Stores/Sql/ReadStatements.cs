using static Parley.Common.Stores.Sql.Column;

namespace Parley.Common.Stores.Sql;

internal static class ReadStatements
{
    public static readonly Statement Ping = new("SELECT version FROM schema_version");

    public static readonly Statement LoadConversations = new(
        """
        SELECT n.ord, t.version, t.last_seq, t.state
        FROM {rows} JOIN conversations AS t ON t.tenant = n.tenant AND t.conversation_id = n.conversation_id
        """,
        Long("ord"), Text("tenant"), Text("conversation_id"));

    // The replies of a turn stand in its stretch of the history, so they need no index of their own.
    public static readonly Statement FindSeen = new(
        """
        SELECT n.ord, m.conversation_id, m.turn_id, u.facts, r.data, r.state, r.delivery
        FROM {rows}
        JOIN messages AS m ON m.tenant = n.tenant AND m.channel = n.channel AND m.account = n.account AND m.message_id = n.message_id
        JOIN turns AS u ON u.tenant = m.tenant AND u.turn_id = m.turn_id
        LEFT JOIN replies AS r ON r.tenant = m.tenant AND r.conversation_id = m.conversation_id
            AND r.seq BETWEEN u.first_seq AND u.last_seq
        ORDER BY n.ord, r.seq
        """,
        Long("ord"), Text("tenant"), Text("channel"), Text("account"), Text("message_id"));

    public static readonly Statement FindPendingReplies = new(
        "SELECT data FROM replies WHERE tenant = $1 AND conversation_id = $2 AND state = 'pending' ORDER BY seq",
        Text("tenant"), Text("conversation_id"));

    public static readonly Statement CountHistory = new(
        "SELECT last_seq FROM conversations WHERE tenant = $1 AND conversation_id = $2", Text("tenant"), Text("conversation_id"));

    public static readonly Statement ReadHistory = new(
        """
        SELECT seq, 'in', data, NULL, NULL FROM messages WHERE tenant = $1 AND conversation_id = $2 AND seq > $3 AND seq <= $4
        UNION ALL
        SELECT seq, 'out', data, delivery, delivery_reason FROM replies WHERE tenant = $1 AND conversation_id = $2 AND seq > $3 AND seq <= $4
        ORDER BY 1 LIMIT $5
        """,
        Text("tenant"), Text("conversation_id"), Long("after"), Long("up_to"), Long("limit"));
}
