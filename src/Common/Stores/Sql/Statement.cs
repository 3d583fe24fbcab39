namespace Parley.Common.Stores.Sql;

/// <summary>How a value is bound; the dialects map it to a column type.</summary>
internal enum ColumnType { Text, Long, Time, Json }

internal readonly record struct Column(string Name, ColumnType Type)
{
    public static Column Text(string name) => new(name, ColumnType.Text);
    public static Column Long(string name) => new(name, ColumnType.Long);
    public static Column Time(string name) => new(name, ColumnType.Time);
    public static Column Json(string name) => new(name, ColumnType.Json);
}

/// <summary>SQL that both databases run, and what is bound to it.</summary>
/// <remarks>
/// <c>{rows}</c> stands for the bound rows as a table <c>n</c> with the columns below: PostgreSQL takes all rows in one go (unnest of
/// arrays), SQLite runs the statement once for each. <c>{lock}</c> ends a SELECT that must keep the rows of the table <c>t</c> until the commit.
/// Without <c>{rows}</c> there is one row, bound as <c>$1</c>, <c>$2</c> ….
/// <c>{unindexed}</c> keeps PostgreSQL from an index that has the column, but not the one the statement is about.
/// <para>
/// Rows are joined by <c>x BETWEEN n.x AND n.x</c> on the first column of an index, where <c>=</c> would do: with <c>=</c> PostgreSQL may also read the
/// whole index and look each row up among the bound ones, and does so with a plan from when the table was empty. A range leaves it one way.
/// </para>
/// </remarks>
internal sealed class Statement(string sql, params Column[] columns)
{
    public const string RowsToken = "{rows}";
    public const string LockToken = "{lock}";
    public const string UnindexedToken = "{unindexed}";

    public string Sql { get; } = sql;
    /// <summary>Where PostgreSQL has other words for it; otherwise null.</summary>
    public string? PostgresSql { get; init; }

    public IReadOnlyList<Column> Columns { get; } = columns;
    public bool TakesRows { get; } = sql.Contains(RowsToken, StringComparison.Ordinal);

    /// <summary>Deletes the rows of these keys.</summary>
    /// <param name="table">Of which table.</param>
    /// <param name="key">The first of them is the first column of the table's key in PostgreSQL.</param>
    public static Statement Delete(string table, params Column[] key)
    {
        var names = key.Select(c => c.Name).ToList();
        var others = names.Skip(1).Select(name => $" AND t.{name} = n.{name}");
        return new(
            $"DELETE FROM {table} WHERE ({string.Join(", ", names)}) IN (SELECT {string.Join(", ", names.Select(name => $"n.{name}"))} FROM {RowsToken})", key)
        {
            PostgresSql = $"DELETE FROM {table} AS t USING {RowsToken} WHERE t.{names[0]} BETWEEN n.{names[0]} AND n.{names[0]}{string.Concat(others)}",
        };
    }

    /// <summary>The same for an INSERT that passes over rows whose key is there already; its result is the keys of those it has written.</summary>
    public Statement Claiming(string key) => new($"{Sql}\nON CONFLICT ({key}) DO NOTHING\nRETURNING {key}", [.. Columns]);
}

/// <summary>A statement with its rows. Each value is a string, a long, a <see cref="DateTimeOffset"/> or null, in the order of the columns.</summary>
/// <param name="OnRow">Gets each row of the result; null for a statement that gives none.</param>
/// <param name="OnChanged">Gets the number of rows that the statement has written, once all steps have run.</param>
internal sealed record Step(Statement Statement, IReadOnlyList<object?[]> Rows, Action<SqlRow>? OnRow = null, Action<long>? OnChanged = null);
