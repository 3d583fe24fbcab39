using System.Globalization;

namespace Parley.Common.Stores.Sql;

/// <summary>Brings the schema to the version of this build, in one transaction that keeps other processes out.</summary>
internal static class Migrator
{
    private static readonly Statement ReadVersion = new("SELECT version FROM schema_version");

    /// <exception cref="InvalidOperationException">A newer build has been at this database.</exception>
    public static async Task RunAsync(ISqlDatabase database, SqlRunner runner, TimeProvider time, CancellationToken cancellation)
    {
        await runner.RepeatAsync(
            async () =>
            {
                await database.PrepareAsync(cancellation);
                return true;
            },
            cancellation);
        await runner.WriteAsync(
            async transaction =>
            {
                await transaction.LockSchemaAsync(cancellation);
                await transaction.ExecuteAsync(
                    "CREATE TABLE IF NOT EXISTS schema_version (version bigint NOT NULL, migrated_at text NOT NULL)", cancellation);
                var version = 0L;
                await transaction.RunAsync([new Step(ReadVersion, [[]], row => version = row.Long(0))], cancellation);
                if (version > Schema.Version) throw new InvalidOperationException(
                    $"{database.Name} has schema version {version}, made by a newer Parley; this one knows up to {Schema.Version}. "
                    + "Run the newer one, or restore the backup from before the upgrade.");

                if (version < Schema.Version) await MigrateAsync(transaction, database.Dialect, version, time.GetUtcNow(), cancellation);
                return version;
            },
            cancellation);
    }

    private static async Task MigrateAsync(
        ISqlTransaction transaction, Dialect dialect, long from, DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (var ddl in Schema.Migrations.Skip((int)from).SelectMany(steps => steps))
        {
            if (dialect.RenderSchema(ddl) is { } rendered) await transaction.ExecuteAsync(rendered, cancellation);
        }

        var at = now.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        await transaction.ExecuteAsync("DELETE FROM schema_version", cancellation);
        await transaction.ExecuteAsync($"INSERT INTO schema_version (version, migrated_at) VALUES ({Schema.Version}, '{at}')", cancellation);
    }
}
