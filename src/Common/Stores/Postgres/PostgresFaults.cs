using System.Collections.Frozen;
using System.Net.Sockets;
using Npgsql;
using Parley.Common.Stores.Sql;

namespace Parley.Common.Stores.Postgres;

/// <summary>What PostgreSQL's SQLSTATEs mean for the store. See <see href="https://www.postgresql.org/docs/current/errcodes-appendix.html"/>.</summary>
internal static class PostgresFaults
{
    /// <summary>By SQLSTATE, or by its class (two characters). What is not here is a bug.</summary>
    public static FrozenDictionary<string, Fault> ByState { get; } = new Dictionary<string, Fault>
    {
        ["40001"] = Fault.Retry,        // serialization_failure
        ["40P01"] = Fault.Retry,        // deadlock_detected
        ["55P03"] = Fault.Retry,        // lock_not_available: a lock_timeout of the server
        ["23505"] = Fault.Duplicate,    // unique_violation
        ["25006"] = Fault.Unavailable,  // read_only_sql_transaction: a standby, until the fail-over is done
        ["25P03"] = Fault.Unavailable,  // idle_in_transaction_session_timeout
        ["57014"] = Fault.Unavailable,  // query_canceled: a statement_timeout of the server
        ["57P01"] = Fault.Unavailable,  // admin_shutdown
        ["57P02"] = Fault.Unavailable,  // crash_shutdown
        ["57P03"] = Fault.Unavailable,  // cannot_connect_now: starting up
        ["57P05"] = Fault.Unavailable,  // idle_session_timeout
        ["3D000"] = Fault.Unavailable,  // invalid_catalog_name: the database is not there (yet)
        ["08"] = Fault.Unavailable,     // connection exception
        ["28"] = Fault.Unavailable,     // invalid authorization: a password that is being changed
        ["53"] = Fault.Unavailable,     // insufficient resources: disk full, too many connections
        ["58"] = Fault.Unavailable,     // system error: I/O
    }.ToFrozenDictionary();

    public static Fault Of(string sqlState) =>
        ByState.TryGetValue(sqlState, out var exact) ? exact
        : sqlState.Length == 5 ? ByState.GetValueOrDefault(sqlState[..2], Fault.Bug)
        : Fault.Bug;

    /// <summary>An exception without a SQLSTATE is about the connection: refused, cut, timed out, a name that does not resolve.</summary>
    public static Fault? Of(Exception exception) => exception switch
    {
        PostgresException e => Of(e.SqlState),
        NpgsqlException or IOException or SocketException or TimeoutException => Fault.Unavailable,
        _ => null,
    };
}
