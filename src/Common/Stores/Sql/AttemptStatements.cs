using static Parley.Common.Stores.Sql.Column;

namespace Parley.Common.Stores.Sql;

internal static class AttemptStatements
{
    public static readonly Statement Write = new(
        """
        INSERT INTO attempts (tenant, conversation_id, head_id, attempt_id, state, attempted_at)
        SELECT n.tenant, n.conversation_id, n.head_id, n.attempt_id, n.state, n.attempted_at FROM {rows} WHERE true
        ON CONFLICT (tenant, conversation_id, head_id, attempt_id)
        DO UPDATE SET state = excluded.state, attempted_at = excluded.attempted_at
        """,
        Text("conversation_id"), Text("tenant"), Text("head_id"), Text("attempt_id"), Text("state"), Time("attempted_at"));

    public static readonly Statement Forget = Statement.Delete(
        "attempts", Text("conversation_id"), Text("tenant"), Text("head_id"), Text("attempt_id"));

    public static readonly Statement Count = new(
        """
        SELECT n.ord, t.head_id, sum(CASE WHEN t.state = 'failed' THEN 1 ELSE 0 END), sum(CASE WHEN t.state = 'begun' THEN 1 ELSE 0 END)
        FROM {rows} JOIN attempts AS t ON t.conversation_id BETWEEN n.conversation_id AND n.conversation_id AND t.tenant = n.tenant
        GROUP BY n.ord, t.head_id
        """,
        Long("ord"), Text("tenant"), Text("conversation_id"));
}
