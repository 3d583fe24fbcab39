using static Parley.Common.Stores.Sql.Column;

namespace Parley.Common.Stores.Sql;

/// <summary>The ledger's statements; the columns of the SELECTs are read by <see cref="ReplyRow"/>.</summary>
internal static class ReplyStatements
{
    private const string Columns =
        """
        t.tenant, t.reply_id, t.state, t.attempt, t.owner, t.deadline, t.parts_sent, t.provider_message_id, t.reason,
        t.delivery, t.delivery_reason
        """;

    public static readonly Statement Find = new(
        $$"""
        SELECT n.ord, {{Columns}} FROM {rows} JOIN replies AS t ON t.reply_id BETWEEN n.reply_id AND n.reply_id AND t.tenant = n.tenant
        """,
        Long("ord"), Text("tenant"), Text("reply_id"));

    public static readonly Statement Lock = new(
        $$"""
        SELECT n.ord, {{Columns}} FROM {rows} JOIN replies AS t ON t.reply_id BETWEEN n.reply_id AND n.reply_id AND t.tenant = n.tenant
        ORDER BY n.ord {lock}
        """,
        Long("ord"), Text("tenant"), Text("reply_id"));

    // IS NOT NULL says nothing new, but lets both planners use the partial index. Row by row: joined, PostgreSQL might read all of that index.
    public static readonly Statement LockByProvider = new(
        $$"""
        SELECT 0, {{Columns}} FROM replies AS t
        WHERE t.provider_message_id = $1 AND t.account = $2 AND t.channel = $3 AND t.tenant {unindexed} = $4 AND t.provider_message_id IS NOT NULL
        ORDER BY t.created_at {lock}
        """,
        Text("provider_message_id"), Text("account"), Text("channel"), Text("tenant"));

    // A provider id that is known is never forgotten: receipts may still come in under it. What the channel took is accepted, as LedgerRules.Receive has it.
    // SQLite's RETURNING knows the table by its own name only.
    public static readonly Statement Write = new(
        """
        UPDATE replies
        SET state = n.state, attempt = n.attempt, owner = n.owner, deadline = n.deadline, parts_sent = n.parts_sent,
            provider_message_id = coalesce(n.provider_message_id, replies.provider_message_id), reason = n.reason, updated_at = n.updated_at,
            delivery = CASE WHEN n.state = 'sent' AND replies.delivery IN ('pending', 'unknown') THEN 'accepted' ELSE replies.delivery END,
            delivery_reason = CASE WHEN n.state = 'sent' AND replies.delivery = 'unknown' THEN NULL ELSE replies.delivery_reason END
        FROM {rows}
        WHERE replies.reply_id BETWEEN n.reply_id AND n.reply_id AND replies.tenant = n.tenant
            AND replies.state = n.expected_state AND replies.attempt = n.expected_attempt
            AND replies.owner IS NOT DISTINCT FROM n.expected_owner
            AND (n.epoch = 9223372036854775807 OR n.epoch >= coalesce((
                SELECT CAST(c.state ->> 'ownership_epoch' AS bigint) FROM conversations AS c
                WHERE c.conversation_id = replies.conversation_id AND c.tenant = replies.tenant), 0))
        RETURNING replies.tenant, replies.reply_id
        """,
        Text("tenant"), Text("reply_id"), Text("expected_state"), Long("expected_attempt"), Text("expected_owner"), Long("epoch"), Text("state"), Long("attempt"), Text("owner"),
        Time("deadline"), Long("parts_sent"), Text("provider_message_id"), Text("reason"), Time("updated_at"));

    public static readonly Statement Save = new(
        """
        UPDATE replies AS t
        SET state = n.state, attempt = n.attempt, owner = n.owner, deadline = n.deadline, parts_sent = n.parts_sent,
            provider_message_id = n.provider_message_id, reason = n.reason, delivery = n.delivery, delivery_reason = n.delivery_reason, updated_at = n.updated_at
        FROM {rows} WHERE t.reply_id BETWEEN n.reply_id AND n.reply_id AND t.tenant = n.tenant
        """,
        Text("tenant"), Text("reply_id"), Text("state"), Long("attempt"), Text("owner"), Time("deadline"), Long("parts_sent"),
        Text("provider_message_id"), Text("reason"), Text("delivery"), Text("delivery_reason"), Time("updated_at"));

    // The only statement over all tenants: the sweep for what nobody looks after. Its index is named by the same two conditions. PostgreSQL's has what is being sent
    // in the place of its making; what somebody has in hand is passed over.
    public static readonly Statement FindOwed = new(
        Owed("t.state IN ('pending', 'sending')", oldest: "coalesce(t.deadline, t.created_at)"), Time("before"), Long("limit"))
    {
        PostgresSql = Owed("t.owed_since < $1", oldest: "t.owed_since"),
    };

    private static string Owed(string which, string oldest) =>
        $"""
        SELECT 0, {Columns}, t.data FROM replies AS t
        WHERE {which} AND coalesce(t.deadline, t.created_at) < $1
        ORDER BY {oldest}, t.tenant, t.conversation_id, t.seq LIMIT $2
        """;
}
