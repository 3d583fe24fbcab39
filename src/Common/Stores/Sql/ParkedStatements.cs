using static Parley.Common.Stores.Sql.Column;

namespace Parley.Common.Stores.Sql;

internal static class ParkedStatements
{
    public static readonly Statement Insert = new(
        """
        INSERT INTO parked (tenant, conversation_id, seq, turn_id, data, record_partition, record_offset, reason, attempts, parked_at, command_id)
        SELECT n.tenant, n.conversation_id, n.seq, n.turn_id, n.data, n.record_partition, n.record_offset, n.reason, n.attempts, n.parked_at, n.command_id
        FROM {rows}
        """,
        Text("tenant"), Text("conversation_id"), Long("seq"), Text("turn_id"), Json("data"), Long("record_partition"), Long("record_offset"),
        Text("reason"), Long("attempts"), Time("parked_at"), Text("command_id"));

    public static readonly Statement Delete = Statement.Delete("parked", Text("conversation_id"), Text("tenant"), Long("seq"));

    // The message's turn is the one that answered it: by it the replies are found.
    public static readonly Statement MoveMessages = new(
        """
        UPDATE messages AS t SET turn_id = n.turn_id
        FROM {rows} WHERE t.message_id BETWEEN n.message_id AND n.message_id AND t.account = n.account AND t.channel = n.channel AND t.tenant = n.tenant
        """,
        Text("tenant"), Text("channel"), Text("account"), Text("message_id"), Text("turn_id"));

    public static readonly Statement Oldest = new(
        """
        SELECT seq, turn_id, data, record_partition, record_offset, reason, attempts, parked_at, command_id FROM parked
        WHERE tenant = $1 AND conversation_id = $2 ORDER BY seq LIMIT $3
        """,
        Text("tenant"), Text("conversation_id"), Long("limit"));

    public static readonly Statement Count = new(
        "SELECT count(*) FROM parked WHERE tenant = $1 AND conversation_id = $2", Text("tenant"), Text("conversation_id"));
}
