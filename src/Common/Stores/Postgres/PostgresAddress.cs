using Npgsql;

namespace Parley.Common.Stores.Postgres;

/// <summary>The setting Store:ConnectionString for PostgreSQL: Npgsql's keywords, or a URI as libpq takes it.</summary>
internal static class PostgresAddress
{
    /// <exception cref="ArgumentException">It cannot be read. The message does not repeat it: it may hold a password.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string setting)
    {
        var address = IsUri(setting) ? FromUri(setting) : new NpgsqlConnectionStringBuilder(setting);
        if (string.IsNullOrEmpty(address.Host)) throw new ArgumentException("Store:ConnectionString names no host");
        // ContainsKey is true of every keyword there is; ShouldSerialize of those that were given.
        if (!address.ShouldSerialize("Application Name")) address.ApplicationName = "parley";

        // Calls are gathered into groups, so few connections do the work of many callers.
        if (!address.ShouldSerialize("Maximum Pool Size")) address.MaxPoolSize = 20;

        // Nothing is ever set in a session, so there is nothing to set back each time a connection is taken.
        if (!address.ShouldSerialize("No Reset On Close")) address.NoResetOnClose = true;
        return address;
    }

    private static bool IsUri(string setting) =>
        setting.StartsWith("postgresql://", StringComparison.Ordinal) || setting.StartsWith("postgres://", StringComparison.Ordinal);

    private static NpgsqlConnectionStringBuilder FromUri(string setting)
    {
        if (!Uri.TryCreate(setting, UriKind.Absolute, out var uri))
        {
            throw new ArgumentException("Store:ConnectionString is not a URI of the form postgresql://user:password@host:port/database");
        }

        var address = new NpgsqlConnectionStringBuilder { Host = uri.IdnHost, Port = uri.Port > 0 ? uri.Port : 5432 };
        var user = uri.UserInfo.Split(':', 2);
        if (user[0].Length > 0) address.Username = Uri.UnescapeDataString(user[0]);
        if (user.Length > 1) address.Password = Uri.UnescapeDataString(user[1]);
        if (uri.AbsolutePath.Length > 1) address.Database = Uri.UnescapeDataString(uri.AbsolutePath[1..]);
        foreach (var option in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = option.Split('=', 2) is [var n, var v] ? (n, Uri.UnescapeDataString(v)) : (option, "");
            address[Keyword(name)] = value;
        }

        return address;
    }

    // libpq's names where Npgsql has other ones; Npgsql itself refuses what it does not know.
    private static string Keyword(string name) => name switch
    {
        "sslmode" => "SSL Mode",
        "sslrootcert" => "Root Certificate",
        "application_name" => "Application Name",
        "connect_timeout" => "Timeout",
        _ => name,
    };
}
