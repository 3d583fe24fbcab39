using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Parley.Common.Conversations;
using Parley.Common.Stores;
using Parley.TestKit;

namespace Parley.Integration.Stores;

public sealed class SqliteFaultTests
{
    private const string CrashFolder = "PARLEY_CRASH_FOLDER";
    private const int Lanes = 16;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_kill_9_every_acknowledged_turn_is_there_and_complete()
    {
        var folder = Directory.CreateTempSubdirectory("parley-crash-");
        try
        {
            var acknowledged = await CommitUntilKilledAsync(folder.FullName);

            await using var store = Open(Path.Combine(folder.FullName, "parley.db"));
            await store.InitialiseAsync(Cancellation);
            Assert.True(acknowledged.Count > 0);
            foreach (var lane in acknowledged.GroupBy(a => a.Lane))
            {
                var key = Messages.Text("", $"lane-{lane.Key}").Key;
                var state = await store.LoadAsync(key, Cancellation);
                Assert.True(state!.Version >= lane.Max(a => a.Version), $"{key}: version {state.Version}, acknowledged {lane.Max(a => a.Version)}");
                var history = await store.ReadHistoryAfterAsync(key, 0, int.MaxValue, Cancellation);
                Assert.Equal(Enumerable.Range(1, (int)state.Version * 2).Select(i => (long)i), history.Select(e => e.Seq));
                var seen = await store.FindSeenAsync([.. history.Where(e => e.Message is not null).Select(e => e.Message!.Identity)], Cancellation);
                Assert.Equal(state.Version, seen.Count);
                Assert.All(seen, s => Assert.Single(s.Replies));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Not a test: what the process does that the test above kills.</summary>
    [Fact(Explicit = true)]
    public async Task Child_commits_until_it_is_killed()
    {
        var folder = Environment.GetEnvironmentVariable(CrashFolder);
        Assert.SkipWhen(folder is null, $"{CrashFolder} is not set");
        await using var store = Open(Path.Combine(folder!, "parley.db"));
        await store.InitialiseAsync(Cancellation);
        await using var committer = new GroupCommitter(store, Options.Create(new StoreOptions()), GroupCommitterTests.Metrics().Metrics, TimeProvider.System, NullLogger<GroupCommitter>.Instance);
        await using var log = new FileStream(Path.Combine(folder!, "acknowledged"), FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        await Task.WhenAll(Enumerable.Range(0, Lanes).Select(async lane =>
        {
            ConversationState? state = null;
            while (true)
            {
                var turn = Turns.Answer(Messages.Text("hello", $"lane-{lane}"), state);
                Assert.Equal(CommitOutcome.Committed, await committer.CommitAsync(turn, Cancellation));
                state = turn.State;
                lock (log) log.Write(System.Text.Encoding.ASCII.GetBytes($"{lane} {state.Version}\n"));
            }
        }));
    }

    [Fact]
    public async Task A_file_that_another_process_keeps_locked_is_unavailable_and_then_usable_again()
    {
        var folder = Directory.CreateTempSubdirectory("parley-store-");
        try
        {
            var path = Path.Combine(folder.FullName, "parley.db");
            await using var store = Open($"Data Source={path};Default Timeout=1");
            await store.InitialiseAsync(Cancellation);
            await using (var rival = new SqliteConnection($"Data Source={path};Pooling=false"))
            {
                await rival.OpenAsync(Cancellation);
                await using var begin = rival.CreateCommand();
                begin.CommandText = "BEGIN IMMEDIATE";
                await begin.ExecuteNonQueryAsync(Cancellation);

                var unavailable = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.CommitAsync([Turns.Answer(Messages.Text("a"))], Cancellation));
                Assert.False(unavailable.OutcomeUnknown);
                Assert.Contains(path, unavailable.Message, StringComparison.Ordinal);
                Assert.Null(await store.LoadAsync(Messages.Text("a").Key, Cancellation));
            }

            Assert.Equal(CommitOutcome.Committed, await store.CommitAsync(Turns.Answer(Messages.Text("a")), Cancellation));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_unavailable_by_name()
    {
        var folder = Directory.CreateTempSubdirectory("parley-store-");
        try
        {
            var path = Path.Combine(folder.FullName, "parley.db");
            await File.WriteAllTextAsync(path, string.Concat(Enumerable.Repeat("not a database\n", 100)), Cancellation);
            await using var store = Open(path);

            var unavailable = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.InitialiseAsync(Cancellation));

            Assert.Contains(path, unavailable.Message, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Common.Stores.Sql.SqlStore Open(string address) =>
        StoreExtensions.Open(new StoreOptions { ConnectionString = address }, TimeProvider.System, NullLoggerFactory.Instance);

    private static async Task<List<(int Lane, long Version)>> CommitUntilKilledAsync(string folder)
    {
        var log = Path.Combine(folder, "acknowledged");
        await using var child = ChildProcess.Start(
            Path.Combine(AppContext.BaseDirectory, "Parley.Integration"),
            ["-method", $"{typeof(SqliteFaultTests).FullName}.{nameof(Child_commits_until_it_is_killed)}", "-explicit", "only"],
            new Dictionary<string, string?> { [CrashFolder] = folder });
        await Eventually.Until(
            () => File.Exists(log) ? new FileInfo(log).Length : 0, length => length > 20 * Lanes || child.HasExited, Cancellation);
        Assert.False(child.HasExited, child.AllOutput);
        await child.KillAsync();

        // The last line may be half written.
        var text = await File.ReadAllTextAsync(log, Cancellation);
        return [.. text[..text.LastIndexOf('\n')].Split('\n').Select(l => l.Split(' ')).Select(p => (int.Parse(p[0], null), long.Parse(p[1], null)))];
    }
}
