using Microsoft.Extensions.Logging;
using Npgsql;
using Parley.Common.Stores.Sql;

namespace Parley.Common.Stores.Postgres;

/// <summary>A PostgreSQL database, through a pool of connections.</summary>
internal sealed partial class PostgresDatabase : ISqlDatabase
{
    /// <summary>Any number, the same in every build: who migrates holds the advisory lock of that number.</summary>
    private const long SchemaLock = 0x7061726c6579;

    /// <summary>
    /// A plan is made once for each connection and kept, and may only go by an index from row to row: every statement looks rows up by their
    /// keys. Left to itself the planner makes plans anew, which for a group of a few turns costs more than running them, or keeps one from when a
    /// table was nearly empty, which reads it from end to end: a new installation stalls in its first busy minute. Joins go in the order they are written.
    /// </summary>
    private const string Planning =
        """
        SET plan_cache_mode = force_generic_plan; SET join_collapse_limit = 1; SET jit = off;
        SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_bitmapscan = off; SET enable_material = off
        """;

    private readonly NpgsqlDataSource _source;
    private readonly ILogger _log;

    public PostgresDatabase(NpgsqlConnectionStringBuilder address, int concurrentWrites, ILogger log)
    {
        var source = new NpgsqlDataSourceBuilder(address.ConnectionString);
        source.UsePhysicalConnectionInitializer(
            connection =>
            {
                using var command = new NpgsqlCommand(Planning, connection);
                command.ExecuteNonQuery();
            },
            async connection =>
            {
                await using var command = new NpgsqlCommand(Planning, connection);
                await command.ExecuteNonQueryAsync();
            });
        _source = source.Build();
        _log = log;
        ConcurrentWrites = concurrentWrites;
        Name = $"PostgreSQL at {address.Host}:{address.Port}/{address.Database}";
    }

    public string Name { get; }

    public Dialect Dialect => Dialect.Postgres;

    public int ConcurrentWrites { get; }

    public async Task PrepareAsync(CancellationToken cancellation)
    {
        await using var command = _source.CreateCommand(
            "SELECT current_setting('server_encoding'), current_setting('fsync'), current_setting('synchronous_commit')");
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        if (reader.GetString(0) is var encoding && encoding != "UTF8")
        {
            throw new InvalidOperationException($"{Name} has the encoding {encoding}; create the database with ENCODING 'UTF8'");
        }

        if (reader.GetString(1) == "off") LogNotDurable("fsync");
        if (reader.GetString(2) == "off") LogNotDurable("synchronous_commit");
    }

    /// <summary>A connection of the pool, with the settings all of them have.</summary>
    internal ValueTask<NpgsqlConnection> ConnectAsync(CancellationToken cancellation) => _source.OpenConnectionAsync(cancellation);

    public async Task<ISqlSession> OpenReadAsync(CancellationToken cancellation) => new Reading(await ConnectAsync(cancellation));

    public async Task<ISqlTransaction> BeginAsync(CancellationToken cancellation)
    {
        var connection = await ConnectAsync(cancellation);
        try
        {
            // Npgsql sends BEGIN together with the first batch.
            return new Writing(connection, await connection.BeginTransactionAsync(cancellation));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    // Without BEGIN, what is sent up to one Sync is a transaction.
    public async Task RunAtOnceAsync(Step step)
    {
        await using var connection = await ConnectAsync(CancellationToken.None);
        await PostgresSession.RunAsync(connection, null, [step], CancellationToken.None);
    }

    public Fault? FaultOf(Exception exception) => PostgresFaults.Of(exception);

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    public void Dispose() => _source.Dispose();

    [LoggerMessage(1, LogLevel.Warning, "PostgreSQL runs with {Setting} = off: it may lose what it has acknowledged")]
    private partial void LogNotDurable(string setting);

    private sealed class Reading(NpgsqlConnection connection) : ISqlSession
    {
        public Task RunAsync(IReadOnlyList<Step> steps, CancellationToken cancellation) =>
            PostgresSession.RunAsync(connection, null, steps, cancellation);

        public ValueTask DisposeAsync() => connection.DisposeAsync();
    }

    private sealed class Writing(NpgsqlConnection connection, NpgsqlTransaction transaction) : ISqlTransaction
    {
        public Task LockSchemaAsync(CancellationToken cancellation) => ExecuteAsync($"SELECT pg_advisory_xact_lock({SchemaLock})", cancellation);

        public async Task ExecuteAsync(string sql, CancellationToken cancellation)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            await command.ExecuteNonQueryAsync(cancellation);
        }

        public Task RunAsync(IReadOnlyList<Step> steps, CancellationToken cancellation) =>
            PostgresSession.RunAsync(connection, transaction, steps, cancellation);

        public Task CommitAsync() => transaction.CommitAsync(CancellationToken.None);

        public async ValueTask DisposeAsync()
        {
            try
            {
                await transaction.DisposeAsync();
            }
            catch (NpgsqlException)
            {
                // The connection is gone, and the transaction with it: the server rolls back what was not committed.
            }

            await connection.DisposeAsync();
        }
    }
}
