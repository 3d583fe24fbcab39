using System.Data.Common;
using System.Globalization;

namespace Parley.Common.Stores.Sql;

/// <summary>All that differs between the SQL of the two databases.</summary>
internal sealed class Dialect
{
    /// <summary>The bound rows as a table n.</summary>
    public required Func<IReadOnlyList<Column>, string> Rows { get; init; }

    /// <summary>Ends a SELECT whose rows of table t must not change until the commit.</summary>
    public required string Lock { get; init; }

    /// <summary>Type of a column that is compared, byte by byte.</summary>
    public required string Key { get; init; }

    public required string Long { get; init; }
    public required string Json { get; init; }
    public required string Time { get; init; }

    /// <summary>Ends CREATE TABLE.</summary>
    public required string TableOptions { get; init; }

    /// <summary>The same for a table whose rows change often.</summary>
    public required string ChangingTableOptions { get; init; }

    public required Func<DbDataReader, int, DateTimeOffset> ReadTime { get; init; }

    /// <summary>The statement as the database takes it.</summary>
    public string Render(Statement statement) => (OwnWords(statement) ?? statement.Sql)
        .Replace(Statement.RowsToken, statement.TakesRows ? Rows(statement.Columns) : "", StringComparison.Ordinal)
        .Replace(Statement.LockToken, Lock, StringComparison.Ordinal)
        .Replace(Statement.UnindexedToken, Unindexed, StringComparison.Ordinal);

    /// <summary>Behind a column: no index is to be chosen for it.</summary>
    public required string Unindexed { get; init; }

    /// <summary>What this database is told instead of the statement's SQL; null for that SQL.</summary>
    public required Func<Statement, string?> OwnWords { get; init; }

    /// <summary>Begins a statement of the schema that the other database is spared.</summary>
    public required string Own { get; init; }

    /// <summary>A statement of the schema as the database takes it; null when it is the other one's.</summary>
    public string? RenderSchema(string ddl)
    {
        var isOnes = ddl.StartsWith('{');
        if (isOnes && !ddl.StartsWith(Own, StringComparison.Ordinal)) return null;
        return (isOnes ? ddl[Own.Length..] : ddl)
            .Replace("{key}", Key, StringComparison.Ordinal)
            .Replace("{long}", Long, StringComparison.Ordinal)
            .Replace("{json}", Json, StringComparison.Ordinal)
            .Replace("{time}", Time, StringComparison.Ordinal)
            .Replace("{table}", TableOptions, StringComparison.Ordinal)
            .Replace("{changing_table}", ChangingTableOptions, StringComparison.Ordinal);
    }

    // BEGIN IMMEDIATE keeps every other writer out, so no row needs a lock of its own.
    public static Dialect Sqlite { get; } = new()
    {
        Rows = columns => $"(SELECT {string.Join(", ", columns.Select((c, i) => $"{Parameter(i)} AS {c.Name}"))}) AS n",
        Lock = "",
        Unindexed = "",
        Own = "{sqlite}",
        OwnWords = static _ => null,
        Key = "TEXT",
        Long = "INTEGER",
        Json = "TEXT",
        Time = "INTEGER",
        TableOptions = " STRICT",
        ChangingTableOptions = " STRICT",
        ReadTime = static (reader, column) => Microseconds.ToTime(reader.GetInt64(column)),
    };

    // Collation C: ids are bytes, not words of a language, and an upgrade of the system's collations must not break an index.
    // Fill factor: room on the page lets most updates of a conversation leave its index alone.
    public static Dialect Postgres { get; } = new()
    {
        Rows = columns => $"unnest({string.Join(", ", columns.Select((c, i) => $"{Parameter(i)}::{PostgresType(c.Type)}[]"))})"
            + $" AS n({string.Join(", ", columns.Select(c => c.Name))})",
        Lock = "FOR UPDATE OF t",
        Unindexed = "|| ''",
        Own = "{postgres}",
        OwnWords = static statement => statement.PostgresSql,
        Key = "text COLLATE \"C\"",
        Long = "bigint",
        Json = "json",
        Time = "timestamptz",
        TableOptions = "",
        ChangingTableOptions = " WITH (fillfactor = 70)",
        ReadTime = static (reader, column) => reader.GetFieldValue<DateTimeOffset>(column),
    };

    public static string Parameter(int index) => "$" + (index + 1).ToString(CultureInfo.InvariantCulture);

    private static string PostgresType(ColumnType type) => type switch
    {
        ColumnType.Text => "text",
        ColumnType.Long => "bigint",
        ColumnType.Time => "timestamptz",
        ColumnType.Json => "json",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };
}
