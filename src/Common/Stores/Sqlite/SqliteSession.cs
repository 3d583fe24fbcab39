using Microsoft.Data.Sqlite;
using Parley.Common.Stores.Sql;

namespace Parley.Common.Stores.Sqlite;

/// <summary>One connection with its prepared statements. SQLite works on the calling thread: nothing here waits asynchronously.</summary>
internal sealed class SqliteSession : IDisposable
{
    // In KiB, as negative numbers. A group of turns touches some thousand pages of the indexes; they should not be read again for each.
    private const int WriterCache = -64_000;
    private const int ReaderCache = -8_000;

    /// <summary>
    /// Log pages (4 KiB) between checkpoints. One group can fill SQLite's default of 1000; with more, a page that changes in many groups is
    /// copied once.
    /// </summary>
    private const int CheckpointPages = 16_000;

    private readonly SqliteConnection _connection;
    private readonly Dictionary<Statement, SqliteCommand> _prepared = [];

    public SqliteSession(string connectionString, TimeSpan busyTimeout, bool readOnly)
    {
        _connection = new SqliteConnection(connectionString);
        try
        {
            _connection.Open();
            Execute($"PRAGMA busy_timeout = {(long)busyTimeout.TotalMilliseconds}");

            // FULL: the log is on the disk before a commit returns. NORMAL may lose the newest commits when the power fails.
            Execute("PRAGMA synchronous = FULL");
            Execute($"PRAGMA cache_size = {(readOnly ? ReaderCache : WriterCache)}");
            if (readOnly) Execute("PRAGMA query_only = ON");
            else Execute($"PRAGMA wal_autocheckpoint = {CheckpointPages}");
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    public void Run(IReadOnlyList<Step> steps)
    {
        foreach (var step in steps)
        {
            if (step.Rows.Count == 0) continue;

            var command = Prepared(step.Statement);
            var changed = 0L;
            foreach (var row in step.Rows)
            {
                for (var i = 0; i < row.Length; i++) command.Parameters[i].Value = Bind(row[i], step.Statement.Columns[i].Type);
                changed += Run(command, step.OnRow);
            }

            step.OnChanged?.Invoke(changed);
        }
    }

    public void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public string? Read(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()?.ToString();
    }

    public void Dispose()
    {
        foreach (var command in _prepared.Values) command.Dispose();
        _connection.Dispose();
    }

    private static int Run(SqliteCommand command, Action<SqlRow>? onRow)
    {
        if (onRow is null) return command.ExecuteNonQuery();

        using var reader = command.ExecuteReader();
        while (reader.Read()) onRow(new SqlRow(reader, Dialect.Sqlite));
        return reader.RecordsAffected;
    }

    private static object Bind(object? value, ColumnType type) => (value, type) switch
    {
        (null, _) => DBNull.Value,
        (string text, ColumnType.Text) => StoredText.Encode(text),
        (DateTimeOffset time, _) => Microseconds.Of(time),
        _ => value,
    };

    private SqliteCommand Prepared(Statement statement)
    {
        if (_prepared.TryGetValue(statement, out var known)) return known;

        var command = _connection.CreateCommand();
        command.CommandText = Dialect.Sqlite.Render(statement);
        for (var i = 0; i < statement.Columns.Count; i++) command.Parameters.Add(new SqliteParameter { ParameterName = Dialect.Parameter(i) });
        _prepared.Add(statement, command);
        return command;
    }
}
