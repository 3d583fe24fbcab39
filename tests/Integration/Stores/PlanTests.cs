using System.Reflection;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Parley.Common.Stores;
using Parley.Common.Stores.Postgres;
using Parley.Common.Stores.Sql;

namespace Parley.Integration.Stores;

/// <summary>Every statement goes by an index.</summary>
public sealed class PlanTests
{
    /// <summary>Five thousand conversations of one tenant, of one turn each.</summary>
    private const string Fill =
        """
        INSERT INTO conversations SELECT 'demo', 'c' || i, 20, 40, '{}', now() FROM generate_series(0, 4999) i;
        INSERT INTO turns SELECT 'demo', 't' || md5(i::text), 'c' || i % 5000, i / 5000 + 1, i / 5000 * 2 + 1, i / 5000 * 2 + 2, '{}', now()
            FROM generate_series(0, 4999) i;
        INSERT INTO messages SELECT 'demo', 'web', 'site', 'm' || md5(i::text), 'c' || i % 5000, i / 5000 * 2 + 1, 't' || md5(i::text), 'message', '{}', 0, i, now(), now()
            FROM generate_series(0, 4999) i;
        INSERT INTO replies SELECT 'demo', 'r' || md5(i::text), 'c' || i % 5000, i / 5000 * 2 + 2, 't' || md5(i::text), 'web', 'site', '{}', now(),
            CASE WHEN i % 100 = 0 THEN 'pending' ELSE 'sent' END, 1, NULL, NULL, 0, 'p' || md5(i::text), NULL, 'sent', NULL, now()
            FROM generate_series(0, 4999) i;
        INSERT INTO attempts SELECT 'demo', 'c' || i % 5000, 't' || md5(i::text), 'a' || i, 'begun', now() FROM generate_series(0, 4999) i;
        INSERT INTO parked SELECT 'demo', 'c' || i % 5000, i / 5000 * 2 + 1, 't' || md5(i::text), '{}', 0, i, 'broke', 5, now(), NULL FROM generate_series(0, 4999) i;
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Statements { get; } = [.. All().Select(s => s.Name)];

    [Fact]
    public async Task PostgreSQL_finds_the_rows_of_a_group_by_index_in_tables_that_were_empty_when_they_were_analysed()
    {
        await using var test = await TestStore.StartAsync(StoreOptions.PostgreSql, Cancellation);
        await using var database = new PostgresDatabase(PostgresAddress.Parse(test.Options.ConnectionString), 1, NullLogger.Instance);
        await using var connection = await database.ConnectAsync(Cancellation);
        await RunAsync(connection, "ANALYZE conversations, turns, messages, replies, attempts, parked");
        await RunAsync(connection, Fill);

        var scans = new List<string>();
        foreach (var (name, statement) in All())
        {
            var types = statement.Columns.Select(c => TypeOf(c) + (statement.TakesRows ? "[]" : "")).ToList();
            await RunAsync(connection, $"PREPARE p({string.Join(", ", types)}) AS {PostgresSql.Of(statement)}");
            var values = statement.Columns.Select(c => statement.TakesRows ? $"array_fill({ValueOf(c)}, ARRAY[16])" : ValueOf(c));
            var plan = await RunAsync(connection, $"EXPLAIN EXECUTE p({string.Join(", ", values)})");
            await RunAsync(connection, "DEALLOCATE p");
            if (plan.Contains("Seq Scan", StringComparison.Ordinal)) scans.Add($"{name}:\n{plan}");
        }

        Assert.Empty(scans);
    }

    [Theory, MemberData(nameof(Statements))]
    public async Task SQLite_finds_rows_by_an_index(string name)
    {
        await using var test = await TestStore.StartAsync(StoreOptions.Sqlite, Cancellation);
        var statement = All().Single(s => s.Name == name).Statement;
        await using var connection = new SqliteConnection($"Data Source={test.Options.ConnectionString};Pooling=false");
        await connection.OpenAsync(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + Dialect.Sqlite.Render(statement);
        for (var i = 0; i < statement.Columns.Count; i++) command.Parameters.AddWithValue(Dialect.Parameter(i), 1);

        var steps = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        while (await reader.ReadAsync(Cancellation)) steps.Add(reader.GetString(3));

        // The bound row is a constant; what is scanned besides must be an index in order.
        Assert.All(steps.Where(s => s.StartsWith("SCAN ", StringComparison.Ordinal)), s =>
            Assert.True(s is "SCAN n" or "SCAN CONSTANT ROW" || s.Contains("USING INDEX", StringComparison.Ordinal), string.Join("; ", steps)));
    }

    private static IEnumerable<(string Name, Statement Statement)> All() =>
        from type in new[] { typeof(TurnStatements), typeof(ReadStatements), typeof(ReplyStatements), typeof(AttemptStatements), typeof(ParkedStatements) }
        from field in type.GetFields(BindingFlags.Public | BindingFlags.Static)
        where field.Name != nameof(ReadStatements.Ping)
        select ($"{type.Name}.{field.Name}", (Statement)field.GetValue(null)!);

    private static string TypeOf(Column column) => column.Type switch
    {
        ColumnType.Long => "bigint",
        ColumnType.Time => "timestamptz",
        ColumnType.Json => "json",
        _ => "text",
    };

    private static string ValueOf(Column column) => column switch
    {
        { Name: "tenant" } => "'demo'::text",
        { Name: "channel" } => "'web'::text",
        { Name: "account" } => "'site'::text",
        { Name: "conversation_id" } => "'c7'::text",
        { Type: ColumnType.Long } => "1::bigint",
        { Type: ColumnType.Time } => "now()",
        { Type: ColumnType.Json } => "'{}'::json",
        _ => "md5('1')",
    };

    private static async Task<string> RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        var lines = new List<string>();
        while (await reader.ReadAsync(Cancellation)) lines.Add(reader.GetString(0));
        return string.Join('\n', lines);
    }
}
