using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Parley.Common.Conversations;
using Parley.Common.Stores;
using Parley.Common.Stores.Sql;
using Parley.TestKit;

namespace Parley.Integration.Stores;

public sealed class PostgresFaultTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(PostgresCut.BeforeCommit, false)]
    [InlineData(PostgresCut.AfterCommit, true)]
    public async Task A_connection_cut_during_COMMIT_is_an_unknown_outcome_and_reading_back_tells(PostgresCut cut, bool committed)
    {
        await using var test = await TestStore.StartAsync(StoreOptions.PostgreSql, Cancellation);
        await using var proxy = new PostgresProxy(Address(test).Port);
        await using var store = OpenThrough(proxy, test);
        var turn = Turns.Answer(Messages.Text("hello"));
        await store.LoadAsync(turn.Key, Cancellation);

        proxy.CutNextCommit(cut);
        var unknown = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.CommitAsync([turn], Cancellation));

        Assert.True(unknown.OutcomeUnknown);
        Assert.Contains("outcome unknown", unknown.Message, StringComparison.Ordinal);
        Assert.Equal(committed ? 1 : 0, (await store.FindSeenAsync([turn.Messages[0].Message.Identity], Cancellation)).Count);
        Assert.Equal(committed ? CommitOutcome.Duplicate : CommitOutcome.Committed, await store.CommitAsync(turn, Cancellation));
    }

    [Fact]
    public async Task A_cut_group_fails_all_its_turns_with_the_same_exception()
    {
        await using var test = await TestStore.StartAsync(StoreOptions.PostgreSql, Cancellation);
        await using var proxy = new PostgresProxy(Address(test).Port);
        await using var store = OpenThrough(proxy, test);
        await using var committer = new GroupCommitter(
            store,
            Microsoft.Extensions.Options.Options.Create(new StoreOptions { Kind = StoreOptions.PostgreSql, ConcurrentGroups = 1, Linger = TimeSpan.FromMilliseconds(50) }),
            GroupCommitterTests.Metrics().Metrics, TimeProvider.System, NullLogger<GroupCommitter>.Instance);
        var turns = Enumerable.Range(0, 5).Select(i => Turns.Answer(Messages.Text("hello", $"user-{i}"))).ToList();

        proxy.CutNextCommit(PostgresCut.AfterCommit);
        var failures = await Task.WhenAll(turns.Select(t => Assert.ThrowsAsync<StoreUnavailableException>(() => committer.CommitAsync(t, Cancellation))));

        Assert.Single(failures.Distinct());
        Assert.Equal(5, (await store.FindSeenAsync([.. turns.Select(t => t.Messages[0].Message.Identity)], Cancellation)).Count);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("no-such-host.invalid")]
    public async Task A_server_that_is_not_there_is_unavailable_and_nothing_was_written(string host)
    {
        var options = new StoreOptions { Kind = StoreOptions.PostgreSql, ConnectionString = $"Host={host};Port={FreePort.Take()};Username=parley;Password=secret-word" };
        await using var store = StoreExtensions.Open(options, TimeProvider.System, NullLoggerFactory.Instance);
        var turn = Turns.Answer(Messages.Text("hello"));

        foreach (var call in new Func<Task>[]
        {
            () => store.InitialiseAsync(Cancellation), () => store.PingAsync(Cancellation), () => store.LoadAsync(turn.Key, Cancellation),
            () => store.CommitAsync([turn], Cancellation), () => store.RecordAttemptAsync(new TurnAttempt(turn.Key, turn.TurnId, "a1", AttemptState.Begun), Cancellation),
        })
        {
            var unavailable = await Assert.ThrowsAsync<StoreUnavailableException>(call);
            Assert.False(unavailable.OutcomeUnknown);
            Assert.DoesNotContain("secret-word", unavailable.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task After_a_crash_of_the_server_acknowledged_turns_are_there_and_the_store_goes_on()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        Assert.SkipWhen(Environment.GetEnvironmentVariable("POSTGRES") is { Length: > 0 }, "POSTGRES names a server that is not ours to crash");
        await using var server = await PostgresServer.StartAsync(Cancellation);
        await using var store = StoreExtensions.Open(
            new StoreOptions { Kind = StoreOptions.PostgreSql, ConnectionString = server.ConnectionString }, TimeProvider.System, NullLoggerFactory.Instance);
        await store.InitialiseAsync(Cancellation);
        var before = Turns.Answer(Messages.Text("before"));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => store.CommitAsync([Turns.Answer(Messages.Text("warm", $"user-{i + 10}"))], Cancellation)));
        await store.CommitAsync(before, Cancellation);

        await server.CrashAsync(Cancellation);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.PingAsync(Cancellation));
        await server.StartAgainAsync(Cancellation);

        // Connections of before the crash are still in the pool; each may fail one call.
        await Eventually.Until(async () => await PingsAsync(store), pings => pings, Cancellation);
        Assert.Equal(1, (await store.LoadAsync(before.Key, Cancellation))!.Version);
        Assert.Equal(CommitOutcome.Committed, await store.CommitAsync(Turns.Answer(Messages.Text("after"), before.State), Cancellation));
    }

    [Fact]
    public async Task A_deadlock_is_tried_again_and_nobody_sees_it()
    {
        await using var test = await TestStore.StartAsync(StoreOptions.PostgreSql, Cancellation);
        var (one, two) = (Turns.Answer(Messages.Text("a", "user-1")), Turns.Answer(Messages.Text("b", "user-2")));
        await test.Store.CommitAsync([one, two], Cancellation);

        // Another program takes both rows in the other order, and waits longer than the server does before it looks for a deadlock.
        var keys = new[] { one.Key, two.Key }.OrderBy(k => k.ConversationId, StringComparer.Ordinal).ToArray();
        await using var rival = new NpgsqlConnection(test.Options.ConnectionString + ";Options=-c deadlock_timeout=10s");
        await rival.OpenAsync(Cancellation);
        await using var transaction = await rival.BeginTransactionAsync(Cancellation);
        await LockAsync(rival, keys[1]);
        var commit = test.Store.CommitAsync([Turns.Answer(Messages.Text("c", "user-1"), one.State), Turns.Answer(Messages.Text("d", "user-2"), two.State)], Cancellation);
        await Eventually.Until(() => WaitingAsync(test), waiting => waiting > 0, Cancellation);
        await LockAsync(rival, keys[0]);
        await transaction.CommitAsync(Cancellation);

        Assert.All(await commit, outcome => Assert.Equal(CommitOutcome.Committed, outcome));
    }

    private static async Task LockAsync(NpgsqlConnection connection, ConversationKey key)
    {
        await using var command = new NpgsqlCommand("SELECT 1 FROM conversations WHERE tenant = $1 AND conversation_id = $2 FOR UPDATE", connection)
        {
            Parameters = { new() { Value = key.Tenant }, new() { Value = key.ConversationId } },
        };
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    private static async Task<long> WaitingAsync(TestStore test)
    {
        await using var connection = new NpgsqlConnection(test.Options.ConnectionString);
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%conversations%' AND application_name = 'parley'", connection);
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    private static async Task<bool> PingsAsync(SqlStore store)
    {
        try
        {
            await store.PingAsync(Cancellation);
            return true;
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
    }

    private static NpgsqlConnectionStringBuilder Address(TestStore test) => new(test.Options.ConnectionString);

    private static SqlStore OpenThrough(PostgresProxy proxy, TestStore test)
    {
        var address = new NpgsqlConnectionStringBuilder(test.Options.ConnectionString) { Port = proxy.Port };
        return StoreExtensions.Open(
            new StoreOptions { Kind = StoreOptions.PostgreSql, ConnectionString = address.ConnectionString }, TimeProvider.System, NullLoggerFactory.Instance);
    }
}
