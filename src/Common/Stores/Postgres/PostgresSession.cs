using Npgsql;
using NpgsqlTypes;
using Parley.Common.Stores.Sql;

namespace Parley.Common.Stores.Postgres;

/// <summary>Steps as one batch: one round trip however many rows.</summary>
internal static class PostgresSession
{
    public static async Task RunAsync(
        NpgsqlConnection connection, NpgsqlTransaction? transaction, IReadOnlyList<Step> steps, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection, transaction);
        var readers = new List<Action<SqlRow>>();
        foreach (var step in steps)
        {
            if (step.Rows.Count == 0) continue;

            batch.BatchCommands.Add(ToCommand(step));
            if (step.OnRow is not null) readers.Add(step.OnRow);
        }

        if (batch.BatchCommands.Count == 0) return;

        // A round trip the first time on a connection, none later. Npgsql's automatic preparation would do it on the way, but loses count
        // of what is prepared when a statement of the batch fails, and then names one that the server does not know.
        await batch.PrepareAsync(cancellation);

        // A step without rows in its result is passed over by NextResult, so results and readers go in step.
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        foreach (var onRow in readers)
        {
            while (await reader.ReadAsync(cancellation)) onRow(new SqlRow(reader, Dialect.Postgres));
            await reader.NextResultAsync(cancellation);
        }

        // The error of a later step comes up only when its result is asked for.
        while (await reader.NextResultAsync(cancellation)) { }

        var at = 0;
        foreach (var step in steps)
        {
            if (step.Rows.Count == 0) continue;
            var command = batch.BatchCommands[at++];
            step.OnChanged?.Invoke(command.RecordsAffected);
        }
    }

    private static NpgsqlBatchCommand ToCommand(Step step)
    {
        var command = new NpgsqlBatchCommand(PostgresSql.Of(step.Statement));
        for (var i = 0; i < step.Statement.Columns.Count; i++)
        {
            var type = step.Statement.Columns[i].Type;
            command.Parameters.Add(step.Statement.TakesRows ? ToArray(step.Rows, i, type) : ToScalar(step.Rows[0][i], type));
        }

        return command;
    }

    private static NpgsqlParameter ToScalar(object? value, ColumnType type) => new()
    {
        NpgsqlDbType = DbType(type),
        Value = value switch
        {
            null => DBNull.Value,
            DateTimeOffset time => time.UtcDateTime,
            string text when type == ColumnType.Text => StoredText.Encode(text),
            _ => value,
        },
    };

    private static NpgsqlParameter ToArray(IReadOnlyList<object?[]> rows, int column, ColumnType type)
    {
        var dbType = NpgsqlDbType.Array | DbType(type);
        return type switch
        {
            ColumnType.Long => Of(static v => (long)v!),
            ColumnType.Time => Of(static v => ((DateTimeOffset?)v)?.UtcDateTime),
            ColumnType.Text => Of(static v => v is null ? null : StoredText.Encode((string)v)),
            _ => Of(static v => (string?)v),
        };

        NpgsqlParameter Of<T>(Func<object?, T> convert) => new NpgsqlParameter<T[]> { NpgsqlDbType = dbType, TypedValue = Values(rows, column, convert) };
    }

    private static T[] Values<T>(IReadOnlyList<object?[]> rows, int column, Func<object?, T> convert)
    {
        var values = new T[rows.Count];
        for (var i = 0; i < values.Length; i++) values[i] = convert(rows[i][column]);
        return values;
    }

    private static NpgsqlDbType DbType(ColumnType type) => type switch
    {
        ColumnType.Text => NpgsqlDbType.Text,
        ColumnType.Long => NpgsqlDbType.Bigint,
        ColumnType.Time => NpgsqlDbType.TimestampTz,
        ColumnType.Json => NpgsqlDbType.Json,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };
}
