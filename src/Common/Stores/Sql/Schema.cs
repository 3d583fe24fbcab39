namespace Parley.Common.Stores.Sql;

/// <summary>The tables, as a list of migrations. What was released is never changed: a change is one more entry.</summary>
internal static class Schema
{
    /// <summary>Entry n takes the schema from version n to n + 1.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Migrations { get; } =
    [
        [
            """
            CREATE TABLE conversations (
                tenant {key} NOT NULL,
                conversation_id {key} NOT NULL,
                version {long} NOT NULL,
                last_seq {long} NOT NULL,
                state {json} NOT NULL,
                updated_at {time} NOT NULL,
                PRIMARY KEY (tenant, conversation_id)
            ){changing_table}
            """,
            """
            CREATE TABLE turns (
                tenant {key} NOT NULL,
                turn_id {key} NOT NULL,
                conversation_id {key} NOT NULL,
                version {long} NOT NULL,
                first_seq {long} NOT NULL,
                last_seq {long} NOT NULL,
                facts {json} NOT NULL,
                committed_at {time} NOT NULL,
                PRIMARY KEY (tenant, turn_id)
            ){table}
            """,
            """
            CREATE TABLE messages (
                tenant {key} NOT NULL,
                channel {key} NOT NULL,
                account {key} NOT NULL,
                message_id {key} NOT NULL,
                conversation_id {key} NOT NULL,
                seq {long} NOT NULL,
                turn_id {key} NOT NULL,
                kind {key} NOT NULL,
                data {json} NOT NULL,
                record_partition {long} NOT NULL,
                record_offset {long} NOT NULL,
                received_at {time},
                committed_at {time} NOT NULL,
                PRIMARY KEY (tenant, channel, account, message_id)
            ){table}
            """,
            "CREATE INDEX messages_history ON messages (tenant, conversation_id, seq)",
            """
            CREATE TABLE replies (
                tenant {key} NOT NULL,
                reply_id {key} NOT NULL,
                conversation_id {key} NOT NULL,
                seq {long} NOT NULL,
                turn_id {key} NOT NULL,
                channel {key} NOT NULL,
                account {key} NOT NULL,
                data {json} NOT NULL,
                created_at {time} NOT NULL,
                state {key} NOT NULL,
                attempt {long} NOT NULL,
                owner {key},
                deadline {time},
                parts_sent {long} NOT NULL,
                provider_message_id {key},
                reason {key},
                delivery {key} NOT NULL,
                delivery_reason {key},
                updated_at {time} NOT NULL,
                PRIMARY KEY (tenant, reply_id)
            ){changing_table}
            """,
            "CREATE INDEX replies_history ON replies (tenant, conversation_id, seq)",
            "CREATE INDEX replies_owed ON replies ((coalesce(deadline, created_at))) WHERE state IN ('pending', 'sending')",
            "CREATE INDEX replies_provider ON replies (tenant, channel, account, provider_message_id) WHERE provider_message_id IS NOT NULL",
            """
            CREATE TABLE attempts (
                tenant {key} NOT NULL,
                conversation_id {key} NOT NULL,
                turn_id {key} NOT NULL,
                attempts {long} NOT NULL,
                attempted_at {time} NOT NULL,
                PRIMARY KEY (tenant, conversation_id, turn_id)
            ){changing_table}
            """,
        ],
        [
            // Counts became rows: each attempt has an id, so that its end can be written, and written twice.
            "DROP TABLE attempts",
            """
            CREATE TABLE attempts (
                tenant {key} NOT NULL,
                conversation_id {key} NOT NULL,
                head_id {key} NOT NULL,
                attempt_id {key} NOT NULL,
                state {key} NOT NULL,
                attempted_at {time} NOT NULL,
                PRIMARY KEY (tenant, conversation_id, head_id, attempt_id)
            ){changing_table}
            """,
            """
            CREATE TABLE parked (
                tenant {key} NOT NULL,
                conversation_id {key} NOT NULL,
                seq {long} NOT NULL,
                turn_id {key} NOT NULL,
                data {json} NOT NULL,
                record_partition {long} NOT NULL,
                record_offset {long} NOT NULL,
                reason {key} NOT NULL,
                attempts {long} NOT NULL,
                parked_at {time} NOT NULL,
                command_id {key},
                PRIMARY KEY (tenant, conversation_id, seq)
            ){table}
            """,
        ],
        [
            // By the id first: no two indexes of a table can serve the same statement, so a plan is right however little the planner knows of the
            // table, and a comparison nearly always ends at the first column. The history goes without the tenant for the same reason: conversations
            // of two tenants have the same id only where both have named them.
            "{postgres} ALTER TABLE conversations DROP CONSTRAINT conversations_pkey, ADD PRIMARY KEY (conversation_id, tenant)",
            "{postgres} ALTER TABLE turns DROP CONSTRAINT turns_pkey, ADD PRIMARY KEY (turn_id, tenant)",
            "{postgres} ALTER TABLE messages DROP CONSTRAINT messages_pkey, ADD PRIMARY KEY (message_id, account, channel, tenant)",
            "{postgres} DROP INDEX messages_history",
            "{postgres} CREATE INDEX messages_history ON messages (conversation_id, seq)",
            "{postgres} ALTER TABLE replies DROP CONSTRAINT replies_pkey, ADD PRIMARY KEY (reply_id, tenant)",
            "{postgres} DROP INDEX replies_history",
            "{postgres} CREATE INDEX replies_history ON replies (conversation_id, seq)",
            "{postgres} DROP INDEX replies_provider",
            "{postgres} CREATE INDEX replies_provider ON replies (provider_message_id, account, channel, tenant) WHERE provider_message_id IS NOT NULL",
            "{postgres} ALTER TABLE attempts DROP CONSTRAINT attempts_pkey, ADD PRIMARY KEY (conversation_id, tenant, head_id, attempt_id)",
            "{postgres} ALTER TABLE parked DROP CONSTRAINT parked_pkey, ADD PRIMARY KEY (conversation_id, tenant, seq)",
        ],
        [
            // A claim takes a row from pending to sending and gives it a deadline. While no index has a column that changes with that, PostgreSQL writes the row's new
            // version on the same page and into no index at all, where it was three.
            "{postgres} DROP INDEX replies_owed",
            """
            {postgres} ALTER TABLE replies ADD COLUMN owed_since timestamptz
            GENERATED ALWAYS AS (CASE state WHEN 'pending' THEN coalesce(deadline, created_at) WHEN 'sending' THEN created_at END) STORED
            """,
            "{postgres} CREATE INDEX replies_owed ON replies (owed_since) WHERE owed_since IS NOT NULL",
        ],
    ];

    public static int Version => Migrations.Count;
}
