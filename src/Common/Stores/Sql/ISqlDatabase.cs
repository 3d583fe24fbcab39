namespace Parley.Common.Stores.Sql;

/// <summary>A database that <see cref="SqlStore"/> keeps its tables in.</summary>
internal interface ISqlDatabase : IAsyncDisposable, IDisposable
{
    /// <summary>For messages: which one, without secrets.</summary>
    string Name { get; }

    Dialect Dialect { get; }

    /// <summary>Groups of writes that may be under way at once without waiting for each other.</summary>
    int ConcurrentWrites { get; }

    /// <summary>Settings of the database itself, before the schema is looked at. Safe from several processes at once.</summary>
    Task PrepareAsync(CancellationToken cancellation);

    /// <summary>A session for reading. Each statement sees what was committed when it began.</summary>
    Task<ISqlSession> OpenReadAsync(CancellationToken cancellation);

    /// <summary>A transaction. Disposing it without a commit rolls it back and never throws.</summary>
    Task<ISqlTransaction> BeginAsync(CancellationToken cancellation);

    /// <summary>Runs one step as a transaction of its own, in one round trip where the database can. Whether it took hold must be waited for.</summary>
    Task RunAtOnceAsync(Step step);

    /// <summary>What an exception of the client library means; null for an exception that is not its own.</summary>
    Fault? FaultOf(Exception exception);
}

internal interface ISqlSession : IAsyncDisposable
{
    /// <summary>Runs the steps in order, in one round trip where the database can; steps without rows are left out.</summary>
    Task RunAsync(IReadOnlyList<Step> steps, CancellationToken cancellation);
}

internal interface ISqlTransaction : ISqlSession
{
    /// <summary>Keeps two processes from changing the schema at once, until the end of the transaction.</summary>
    Task LockSchemaAsync(CancellationToken cancellation);

    /// <summary>Statements without parameters or results.</summary>
    Task ExecuteAsync(string sql, CancellationToken cancellation);

    /// <summary>Takes no token: once sent, whether it took hold must be waited for.</summary>
    Task CommitAsync();
}

/// <summary>What can be done about an error.</summary>
internal enum Fault
{
    /// <summary>The transaction was rolled back for the sake of another one: run it again.</summary>
    Retry,

    /// <summary>The database cannot be reached or cannot work now.</summary>
    Unavailable,

    /// <summary>A row of that key is there already; the transaction is over.</summary>
    Duplicate,

    /// <summary>The statement or its data is wrong; trying again gives the same.</summary>
    Bug,
}
