using System.Collections.Frozen;
using Microsoft.Data.Sqlite;
using Parley.Common.Stores.Sql;

namespace Parley.Common.Stores.Sqlite;

/// <summary>What SQLite's result codes mean for the store. See <see href="https://www.sqlite.org/rescode.html"/>.</summary>
internal static class SqliteFaults
{
    /// <summary>By extended code where it says more than the primary one. What is not here is a bug.</summary>
    public static FrozenDictionary<int, Fault> ByCode { get; } = new Dictionary<int, Fault>
    {
        [5] = Fault.Unavailable,    // BUSY: another process kept the write lock for the whole busy timeout
        [261] = Fault.Retry,        // BUSY_RECOVERY: another process is reading the log after a crash
        [517] = Fault.Retry,        // BUSY_SNAPSHOT: somebody wrote since this transaction's first read
        [1555] = Fault.Duplicate,   // CONSTRAINT_PRIMARYKEY
        [2067] = Fault.Duplicate,   // CONSTRAINT_UNIQUE
        [6] = Fault.Retry,          // LOCKED
        [17] = Fault.Retry,         // SCHEMA: changed under a prepared statement
        [15] = Fault.Retry,         // PROTOCOL: lost the race for the log's locks
        [3] = Fault.Unavailable,    // PERM
        [7] = Fault.Unavailable,    // NOMEM
        [8] = Fault.Unavailable,    // READONLY
        [9] = Fault.Unavailable,    // INTERRUPT
        [10] = Fault.Unavailable,   // IOERR
        [11] = Fault.Unavailable,   // CORRUPT
        [13] = Fault.Unavailable,   // FULL
        [14] = Fault.Unavailable,   // CANTOPEN
        [26] = Fault.Unavailable,   // NOTADB
    }.ToFrozenDictionary();

    public static Fault Of(int extendedCode) =>
        ByCode.TryGetValue(extendedCode, out var exact) ? exact : ByCode.GetValueOrDefault(extendedCode & 0xff, Fault.Bug);

    /// <summary>Without a code it is about the folder: missing rights, a path that leads nowhere.</summary>
    public static Fault? Of(Exception exception) => exception switch
    {
        SqliteException e => Of(e.SqliteExtendedErrorCode),
        IOException or UnauthorizedAccessException => Fault.Unavailable,
        _ => null,
    };
}
