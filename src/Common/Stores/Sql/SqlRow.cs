using System.Data.Common;

namespace Parley.Common.Stores.Sql;

/// <summary>The row a reader stands on, with values as they were bound.</summary>
internal readonly struct SqlRow(DbDataReader reader, Dialect dialect)
{
    public bool IsNull(int column) => reader.IsDBNull(column);

    public string Text(int column) => StoredText.Decode(reader.GetString(column));

    public string? TextOrNull(int column) => reader.IsDBNull(column) ? null : Text(column);

    public string Json(int column) => reader.GetString(column);

    public long Long(int column) => reader.GetInt64(column);

    public DateTimeOffset? TimeOrNull(int column) => reader.IsDBNull(column) ? null : dialect.ReadTime(reader, column);
}
