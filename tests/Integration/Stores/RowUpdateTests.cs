using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.Common.Stores.Postgres;
using Parley.Common.Stores.Sql;
using Parley.TestKit;

namespace Parley.Integration.Stores;

/// <summary>
/// What a write of the ledger costs PostgreSQL. A new version of a row on the same page needs no entry in any index, unless a column changes that one of them has; see
/// <see href="https://www.postgresql.org/docs/current/storage-hot.html"/>.
/// </summary>
public sealed class RowUpdateTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_claim_writes_into_no_index_and_an_acceptance_of_what_is_sent_nowhere()
    {
        await using var test = await TestStore.StartAsync(StoreOptions.PostgreSql, Cancellation);
        var turn = Turns.Answer(Messages.Text("hello"));
        await test.Store.CommitAsync(turn, Cancellation);
        var pending = (await test.Store.FindReplyAsync("demo", turn.Replies[0].ReplyId, Cancellation))!;
        var attempt = pending with { State = LedgerState.Sending, Attempt = 1, Owner = "one", Deadline = Turns.Noon.AddSeconds(30) };
        var sent = attempt with { State = LedgerState.Sent, Owner = null, Deadline = null, ProviderMessageId = "p1" };
        await using var database = new PostgresDatabase(PostgresAddress.Parse(test.Options.ConnectionString), 1, NullLogger.Instance);
        await using var connection = await database.ConnectAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);

        Assert.Equal((1, 1), await RunAsync(transaction, ReplyStatements.Write, ReplyRow.ToWrite(new LedgerWrite(pending, attempt, Epoch: 0), Turns.Noon)));
        Assert.Equal((2, 1), await RunAsync(transaction, ReplyStatements.Write, ReplyRow.ToWrite(new LedgerWrite(attempt, sent), Turns.Noon)));
        await transaction.CommitAsync(Cancellation);
        var row = await VersionAsync(connection);

        var outcome = await test.Store.ApplyReceiptAsync(Receipts.Of(turn, DeliveryStatus.Accepted, providerId: "p1"), Cancellation);

        Assert.Equal((DeliveryStatus.Accepted, false), (outcome!.Delivery, outcome.Changed));
        Assert.Equal(row, await VersionAsync(connection));
    }

    /// <summary>Where the row lies and who wrote it: another after every write.</summary>
    private static async Task<string> VersionAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("SELECT ctid || ' ' || xmin || ' ' || xmax FROM replies", connection);
        return (string)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    /// <summary>The updates of the transaction so far, and how many of them went without an index.</summary>
    private static async Task<(long All, long WithoutIndex)> RunAsync(NpgsqlTransaction transaction, Statement statement, params object?[] row)
    {
        await PostgresSession.RunAsync(transaction.Connection!, transaction, [new Step(statement, [row], static _ => { })], Cancellation);
        await using var command = new NpgsqlCommand(
            "SELECT pg_stat_get_xact_tuples_updated('replies'::regclass), pg_stat_get_xact_tuples_hot_updated('replies'::regclass)", transaction.Connection, transaction);
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        await reader.ReadAsync(Cancellation);
        return (reader.GetInt64(0), reader.GetInt64(1));
    }
}
