using Npgsql;
using Microsoft.Data.Sqlite;
using Parley.Common.Stores;
using Parley.Common.Stores.Sql;
using Parley.TestKit;

namespace Parley.Integration.Stores;

public sealed class SchemaTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task Making_the_schema_again_keeps_what_is_stored(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var turn = Turns.Answer(Messages.Text("hello"));
        await test.Store.CommitAsync(turn, Cancellation);

        await test.Store.InitialiseAsync(Cancellation);
        await test.Another().InitialiseAsync(Cancellation);

        Assert.NotNull(await test.Store.LoadAsync(turn.Key, Cancellation));
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task Processes_that_start_at_once_make_the_schema_once(string kind)
    {
        await using var test = await TestStore.CreateAsync(kind, Cancellation);
        var stores = Enumerable.Range(0, 6).Select(_ => test.Another()).ToList();

        await Task.WhenAll(stores.Select(s => Task.Run(() => s.InitialiseAsync(Cancellation))));

        Assert.Equal(1L, await ReadAsync(test, "SELECT count(*) FROM schema_version"));
        foreach (var store in stores) await store.PingAsync(Cancellation);
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task An_older_schema_is_brought_up_and_keeps_what_is_stored(string kind)
    {
        await using var test = await TestStore.CreateAsync(kind, Cancellation);
        var dialect = kind == StoreOptions.PostgreSql ? Dialect.Postgres : Dialect.Sqlite;
        var first = Turns.Answer(Messages.Text("hello"));
        foreach (var ddl in Schema.Migrations.Take(2).SelectMany(m => m)) await ReadAsync(test, dialect.RenderSchema(ddl)!);
        await ReadAsync(test, "CREATE TABLE schema_version (version bigint NOT NULL, migrated_at text NOT NULL)");
        await ReadAsync(test, "INSERT INTO schema_version VALUES (2, 'then')");
        var state = System.Text.Json.JsonSerializer.Serialize(first.State, StoreJson.Stored.ConversationState).Replace("'", "''", StringComparison.Ordinal);
        await ReadAsync(test, $"INSERT INTO conversations VALUES ('{first.Key.Tenant}', '{first.Key.ConversationId}', 1, 2, '{state}', {(kind == StoreOptions.PostgreSql ? "now()" : "0")})");

        var store = test.Another();
        await store.InitialiseAsync(Cancellation);

        Assert.Equal(1, (await store.LoadAsync(first.Key, Cancellation))!.Version);
        var next = Turns.Answer(Messages.Text("again", id: "m-2"), first.State);
        Assert.Equal([CommitOutcome.Committed], await store.CommitAsync([next], Cancellation));
        Assert.Equal([CommitOutcome.Duplicate], await store.CommitAsync([next], Cancellation));
        Assert.Single(await store.FindSeenAsync([next.Messages[0].Message.Identity], Cancellation));
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task A_schema_of_a_newer_version_is_refused_and_left_alone(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        await ReadAsync(test, "UPDATE schema_version SET version = 99");

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => test.Another().InitialiseAsync(Cancellation));

        Assert.Contains("schema version 99", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"up to {Schema.Version}", refused.Message, StringComparison.Ordinal);
        Assert.Equal(99L, await ReadAsync(test, "SELECT version FROM schema_version"));
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task A_migration_that_fails_leaves_nothing_half_made(string kind)
    {
        await using var test = await TestStore.CreateAsync(kind, Cancellation);
        await ReadAsync(test, "CREATE TABLE replies (somebody_elses text)");

        await Assert.ThrowsAnyAsync<Exception>(() => test.Another().InitialiseAsync(Cancellation));

        await ReadAsync(test, "DROP TABLE replies");
        await test.Another().InitialiseAsync(Cancellation);
    }

    [Fact]
    public async Task The_file_of_messages_is_for_its_owner_only()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has other rights");
        await using var test = await TestStore.StartAsync(StoreOptions.Sqlite, Cancellation);
        await test.Store.CommitAsync(Turns.Answer(Messages.Text("hello")), Cancellation);

        foreach (var file in new[] { test.Options.ConnectionString, test.Options.ConnectionString + "-wal" })
        {
#pragma warning disable CA1416 // skipped above
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
#pragma warning restore CA1416
        }
    }

    /// <summary>Runs SQL past the store.</summary>
    private static async Task<object?> ReadAsync(TestStore test, string sql)
    {
        await using System.Data.Common.DbConnection connection = test.Options.Kind == StoreOptions.PostgreSql
            ? new NpgsqlConnection(test.Options.ConnectionString)
            : new SqliteConnection($"Data Source={test.Options.ConnectionString};Pooling=false");
        await connection.OpenAsync(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync(Cancellation);
    }
}
