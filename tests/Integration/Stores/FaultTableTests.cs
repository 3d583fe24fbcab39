using Npgsql;
using Microsoft.Data.Sqlite;
using Parley.Common.Stores.Postgres;
using Parley.Common.Stores.Sql;
using Parley.Common.Stores.Sqlite;

namespace Parley.Integration.Stores;

/// <summary>Every code that a database can answer with has its meaning.</summary>
public sealed class FaultTableTests
{
    [Theory]
    [InlineData("40001", nameof(Fault.Retry))]
    [InlineData("40P01", nameof(Fault.Retry))]
    [InlineData("55P03", nameof(Fault.Retry))]
    [InlineData("08000", nameof(Fault.Unavailable))]
    [InlineData("08006", nameof(Fault.Unavailable))]
    [InlineData("08P01", nameof(Fault.Unavailable))]
    [InlineData("25006", nameof(Fault.Unavailable))]
    [InlineData("25P03", nameof(Fault.Unavailable))]
    [InlineData("28P01", nameof(Fault.Unavailable))]
    [InlineData("3D000", nameof(Fault.Unavailable))]
    [InlineData("53100", nameof(Fault.Unavailable))]
    [InlineData("53200", nameof(Fault.Unavailable))]
    [InlineData("53300", nameof(Fault.Unavailable))]
    [InlineData("57014", nameof(Fault.Unavailable))]
    [InlineData("57P01", nameof(Fault.Unavailable))]
    [InlineData("57P02", nameof(Fault.Unavailable))]
    [InlineData("57P03", nameof(Fault.Unavailable))]
    [InlineData("57P05", nameof(Fault.Unavailable))]
    [InlineData("58030", nameof(Fault.Unavailable))]
    [InlineData("22021", nameof(Fault.Bug))]
    [InlineData("22P05", nameof(Fault.Bug))]
    [InlineData("23502", nameof(Fault.Bug))]
    [InlineData("23505", nameof(Fault.Duplicate))]
    [InlineData("25P02", nameof(Fault.Bug))]
    [InlineData("40000", nameof(Fault.Bug))]
    [InlineData("42601", nameof(Fault.Bug))]
    [InlineData("42P01", nameof(Fault.Bug))]
    [InlineData("54000", nameof(Fault.Bug))]
    [InlineData("XX000", nameof(Fault.Bug))]
    [InlineData("", nameof(Fault.Bug))]
    public void A_SQLSTATE_means(string state, string fault) =>
        Assert.Equal(fault, PostgresFaults.Of(new PostgresException("no", "ERROR", "ERROR", state)).ToString());

    [Theory]
    [InlineData(1, nameof(Fault.Bug))] // ERROR
    [InlineData(5, nameof(Fault.Unavailable))] // BUSY
    [InlineData(261, nameof(Fault.Retry))] // BUSY_RECOVERY
    [InlineData(517, nameof(Fault.Retry))] // BUSY_SNAPSHOT
    [InlineData(773, nameof(Fault.Unavailable))] // BUSY_TIMEOUT
    [InlineData(6, nameof(Fault.Retry))] // LOCKED
    [InlineData(262, nameof(Fault.Retry))] // LOCKED_SHAREDCACHE
    [InlineData(7, nameof(Fault.Unavailable))] // NOMEM
    [InlineData(8, nameof(Fault.Unavailable))] // READONLY
    [InlineData(1032, nameof(Fault.Unavailable))] // READONLY_DBMOVED
    [InlineData(9, nameof(Fault.Unavailable))] // INTERRUPT
    [InlineData(10, nameof(Fault.Unavailable))] // IOERR
    [InlineData(1034, nameof(Fault.Unavailable))] // IOERR_FSYNC
    [InlineData(11, nameof(Fault.Unavailable))] // CORRUPT
    [InlineData(13, nameof(Fault.Unavailable))] // FULL
    [InlineData(14, nameof(Fault.Unavailable))] // CANTOPEN
    [InlineData(15, nameof(Fault.Retry))] // PROTOCOL
    [InlineData(17, nameof(Fault.Retry))] // SCHEMA
    [InlineData(18, nameof(Fault.Bug))] // TOOBIG
    [InlineData(19, nameof(Fault.Bug))] // CONSTRAINT
    [InlineData(1555, nameof(Fault.Duplicate))] // CONSTRAINT_PRIMARYKEY
    [InlineData(20, nameof(Fault.Bug))] // MISMATCH
    [InlineData(21, nameof(Fault.Bug))] // MISUSE
    [InlineData(25, nameof(Fault.Bug))] // RANGE
    [InlineData(26, nameof(Fault.Unavailable))] // NOTADB
    public void A_result_code_of_SQLite_means(int code, string fault) =>
        Assert.Equal(fault, SqliteFaults.Of(new SqliteException("no", code & 0xff, code)).ToString());

    [Fact]
    public void A_broken_connection_is_no_bug_and_other_exceptions_are_not_the_databases()
    {
        Assert.Equal(Fault.Unavailable, PostgresFaults.Of(new NpgsqlException("cut", new IOException())));
        Assert.Equal(Fault.Unavailable, PostgresFaults.Of(new System.Net.Sockets.SocketException(11001)));
        Assert.Equal(Fault.Unavailable, PostgresFaults.Of(new TimeoutException()));
        Assert.Equal(Fault.Unavailable, SqliteFaults.Of(new UnauthorizedAccessException()));
        Assert.Null(PostgresFaults.Of(new InvalidOperationException()));
        Assert.Null(SqliteFaults.Of(new InvalidOperationException()));
    }
}
