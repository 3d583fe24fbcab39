using Microsoft.Data.Sqlite;

namespace Parley.Common.Stores.Sqlite;

/// <summary>The setting Store:ConnectionString for SQLite: a path, or Microsoft.Data.Sqlite's keywords.</summary>
internal static class SqliteAddress
{
    public const string DefaultPath = "data/parley.db";
    private const int DefaultTimeoutSeconds = 5;

    /// <exception cref="ArgumentException">It does not name a file.</exception>
    public static SqliteConnectionStringBuilder Parse(string setting)
    {
        var address = setting.Contains('=', StringComparison.Ordinal)
            ? new SqliteConnectionStringBuilder(setting)
            : new SqliteConnectionStringBuilder { DataSource = setting };
        if (address.DataSource.Length == 0) address.DataSource = DefaultPath;
        if (address.DataSource == ":memory:" || address.Mode == SqliteOpenMode.Memory)
        {
            throw new ArgumentException("Store:ConnectionString names a database in memory; the store needs a file, for example data/parley.db");
        }

        address.DataSource = Path.GetFullPath(address.DataSource);

        if (!address.ShouldSerialize("Default Timeout")) address.DefaultTimeout = DefaultTimeoutSeconds;

        // The store keeps its own connections open; a shared cache would make readers wait for the writer.
        address.Pooling = false;
        address.Cache = SqliteCacheMode.Private;
        return address;
    }
}
