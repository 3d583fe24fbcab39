using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Parley.Common.Stores;
using Parley.Common.Stores.Postgres;
using Parley.Common.Stores.Sql;

namespace Parley.Integration.Stores;

/// <summary>Every statement goes by an index.</summary>
public sealed partial class PlanTests
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
    public async Task PostgreSQL_finds_the_rows_of_a_group_by_the_right_index_with_plans_from_when_the_tables_were_empty()
    {
        await using var test = await TestStore.StartAsync(StoreOptions.PostgreSql, Cancellation);
        await using var database = new PostgresDatabase(PostgresAddress.Parse(test.Options.ConnectionString), 1, NullLogger.Instance);
        await using var connection = await database.ConnectAsync(Cancellation);
        await RunAsync(connection, "ANALYZE conversations, turns, messages, replies, attempts, parked");
        var asked = new List<(string Name, string Explain, string Empty)>();
        foreach (var (name, statement) in All())
        {
            var (types, prepared) = (statement.Columns.Select(c => TypeOf(c) + (statement.TakesRows ? "[]" : "")), $"p{asked.Count}");
            await RunAsync(connection, $"PREPARE {prepared}({string.Join(", ", types)}) AS {PostgresSql.Of(statement)}");
            var values = statement.Columns.Select(c => statement.TakesRows ? $"array_fill({ValueOf(c)}, ARRAY[16])" : ValueOf(c));
            var explain = $"EXPLAIN EXECUTE {prepared}({string.Join(", ", values)})";
            asked.Add((name, explain, await RunAsync(connection, explain)));
        }

        // Made anew, now that more is known of the tables, a plan goes by the same indexes.
        await RunAsync(connection, Fill);
        await RunAsync(connection, "ANALYZE conversations, turns, messages, replies, attempts, parked");
        foreach (var (name, explain, empty) in asked)
        {
            Assert.False(empty.Contains("Seq Scan", StringComparison.Ordinal), $"{name}:\n{empty}");
            Assert.All(Scan().Matches(empty), scan => Assert.True(IsNarrow(name, scan.Value), $"{name}:\n{empty}"));
            var full = await RunAsync(connection, explain);
            Assert.True(Scans(empty) == Scans(full), $"{name}, from empty tables:\n{empty}\nfrom full ones:\n{full}");
        }
    }

    [GeneratedRegex(@"Index (Only )?Scan using \w+ on \w+.*(\n +Index Cond: .*)?")]
    private static partial Regex Scan();

    // The first column of every key is an id; the sweep's index has no other rows than those it is about.
    private static bool IsNarrow(string name, string scan) => scan.Contains("Index Cond: (", StringComparison.Ordinal) || name == "ReplyStatements.FindOwed";

    // Without costs, which follow the tables.
    private static string Scans(string plan) => Regex.Replace(string.Join('\n', Scan().Matches(plan)), @" +\(cost=.*?\)| +(?=Index Cond)", "");

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
