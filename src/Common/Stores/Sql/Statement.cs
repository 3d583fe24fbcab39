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
/// </remarks>
internal sealed class Statement(string sql, params Column[] columns)
{
    public const string RowsToken = "{rows}";
    public const string LockToken = "{lock}";

    public string Sql { get; } = sql;
    public IReadOnlyList<Column> Columns { get; } = columns;
    public bool TakesRows { get; } = sql.Contains(RowsToken, StringComparison.Ordinal);

    /// <summary>The same, with these columns of each row it has written as its result.</summary>
    public Statement Returning(string columns) => new($"{Sql}\nRETURNING {columns}", [.. Columns]);
}

/// <summary>A statement with its rows. Each value is a string, a long, a <see cref="DateTimeOffset"/> or null, in the order of the columns.</summary>
/// <param name="OnRow">Gets each row of the result; null for a statement that gives none.</param>
/// <param name="OnChanged">Gets the number of rows that the statement has written, once all steps have run.</param>
internal sealed record Step(Statement Statement, IReadOnlyList<object?[]> Rows, Action<SqlRow>? OnRow = null, Action<long>? OnChanged = null);
