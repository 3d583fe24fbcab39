using Npgsql;

namespace Parley.Chaos.Checking;

/// <summary>Reads the store for the checker, past everything that the hosts share: plain SQL on the tables.</summary>
internal static class StoreReader
{
    public static async Task<StoreView> ReadAsync(string connectionString, CancellationToken cancellation)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        return new StoreView
        {
            Messages = await RowsAsync(source,
                """
                SELECT tenant, message_id, conversation_id, seq, turn_id, coalesce(data::jsonb #>> '{content,text}', ''), record_partition, record_offset,
                    (extract(epoch FROM committed_at) * 1000000)::bigint FROM messages
                """,
                r => new StoredMessageRow(r.GetString(0), r.GetString(1), r.GetString(2), r.GetInt64(3), r.GetString(4), r.GetString(5), (int)r.GetInt64(6), r.GetInt64(7), r.GetInt64(8)),
                cancellation),
            Turns = await RowsAsync(source, "SELECT tenant, turn_id, conversation_id, version FROM turns",
                r => new TurnRow(r.GetString(0), r.GetString(1), r.GetString(2), r.GetInt64(3)), cancellation),
            Replies = await RowsAsync(source,
                """
                SELECT tenant, reply_id, conversation_id, seq, turn_id, coalesce(data::jsonb #>> '{content,text}', ''), state, delivery, coalesce(reason, '')
                FROM replies
                """,
                r => new ReplyRow(r.GetString(0), r.GetString(1), r.GetString(2), r.GetInt64(3), r.GetString(4), r.GetString(5), r.GetString(6), r.GetString(7), r.GetString(8)),
                cancellation),
            Conversations = await RowsAsync(source,
                """
                SELECT tenant, conversation_id, version, coalesce(state::jsonb ->> 'status', ''), coalesce(state::jsonb #>> '{context,hash}', '')
                FROM conversations
                """,
                r => new ConversationRow(r.GetString(0), r.GetString(1), r.GetInt64(2), r.GetString(3), r.GetString(4)),
                cancellation),
            Parked = (await RowsAsync(source, "SELECT tenant, conversation_id, seq FROM parked", r => (r.GetString(0), r.GetString(1), r.GetInt64(2)), cancellation)).ToHashSet(),
        };
    }

    /// <summary>Messages committed, and what is not settled: replies, and messages that are parked.</summary>
    public static async Task<(long Messages, long Open)> CountAsync(string connectionString, CancellationToken cancellation)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        var rows = await RowsAsync(source,
            "SELECT (SELECT count(*) FROM messages), (SELECT count(*) FROM replies WHERE state IN ('pending', 'sending')) + (SELECT count(*) FROM parked)",
            r => (r.GetInt64(0), r.GetInt64(1)), cancellation);
        return rows[0];
    }

    private static async Task<IReadOnlyList<T>> RowsAsync<T>(NpgsqlDataSource source, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellation)
    {
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation)) rows.Add(read(reader));
        return rows;
    }
}
