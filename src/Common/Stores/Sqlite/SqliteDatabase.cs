using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Parley.Common.Stores.Sql;

namespace Parley.Common.Stores.Sqlite;

/// <summary>A SQLite file in WAL mode: one connection that writes, a few that read beside it. Several processes may have it open.</summary>
internal sealed class SqliteDatabase : ISqlDatabase
{
    private const int Readers = 4;

    private readonly string _path;
    private readonly string _connectionString;

    /// <summary>How long a write waits for another process's.</summary>
    private readonly TimeSpan _busyTimeout;

    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly SemaphoreSlim _reading = new(Readers, Readers);
    private readonly ConcurrentBag<SqliteSession> _readers = [];

    /// <summary>Guarded by <see cref="_writing"/>.</summary>
    private SqliteSession? _writer;
    private volatile bool _closed;

    public SqliteDatabase(SqliteConnectionStringBuilder address)
    {
        _path = address.DataSource;

        // SQLite waits for a lock by itself. The client library's own wait, which sleeps 150 ms at a time, must not come on top.
        _busyTimeout = TimeSpan.FromSeconds(address.DefaultTimeout);
        address.DefaultTimeout = 1;
        _connectionString = address.ConnectionString;
        Name = $"SQLite at {_path}";
    }

    public string Name { get; }

    public Dialect Dialect => Dialect.Sqlite;

    public int ConcurrentWrites => 1;

    public async Task PrepareAsync(CancellationToken cancellation)
    {
        CreatePrivateFile();
        await _writing.WaitAsync(cancellation);
        try
        {
            _writer ??= Open(readOnly: false);
            if (_writer.Read("PRAGMA journal_mode = WAL") is var mode && mode != "wal")
            {
                throw new InvalidOperationException(
                    $"{Name} cannot use a write-ahead log (journal mode is {mode}): the file must be on a local disk");
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    public async Task<ISqlSession> OpenReadAsync(CancellationToken cancellation)
    {
        await _reading.WaitAsync(cancellation);
        try
        {
            return new Reading(this, _readers.TryTake(out var idle) ? idle : Open(readOnly: true));
        }
        catch
        {
            _reading.Release();
            throw;
        }
    }

    public async Task<ISqlTransaction> BeginAsync(CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            // From here to the end of the transaction everything blocks its thread, for as long as the disk takes: not the caller's.
            return await Task.Run(Begin, CancellationToken.None);
        }
        catch
        {
            _writing.Release();
            throw;
        }
    }

    public async Task RunAtOnceAsync(Step step)
    {
        await using var transaction = await BeginAsync(CancellationToken.None);
        await transaction.RunAsync([step], CancellationToken.None);
        await transaction.CommitAsync();
    }

    public Fault? FaultOf(Exception exception) => SqliteFaults.Of(exception);

    public async ValueTask DisposeAsync()
    {
        await _writing.WaitAsync();
        Close();
    }

    public void Dispose()
    {
        _writing.Wait();
        Close();
    }

    private void Close()
    {
        _closed = true;
        _writer?.Dispose();
        _writer = null;
        while (_readers.TryTake(out var reader)) reader.Dispose();
        _writing.Release();
    }

    private SqliteSession Open(bool readOnly)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        return new SqliteSession(_connectionString, _busyTimeout, readOnly);
    }

    // IMMEDIATE takes the write lock at once: a transaction that reads first and asks for it later can be refused.
    private Writing Begin()
    {
        _writer ??= Open(readOnly: false);
        _writer.Execute("BEGIN IMMEDIATE");
        return new Writing(this, _writer);
    }

    // It holds people's messages. SQLite gives its log the same rights.
    private void CreatePrivateFile()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete,
        };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(_path, options);
    }

    private sealed class Reading(SqliteDatabase database, SqliteSession session) : ISqlSession
    {
        public Task RunAsync(IReadOnlyList<Step> steps, CancellationToken cancellation)
        {
            cancellation.ThrowIfCancellationRequested();
            session.Run(steps);
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            if (database._closed) session.Dispose();
            else database._readers.Add(session);
            database._reading.Release();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Writing(SqliteDatabase database, SqliteSession session) : ISqlTransaction
    {
        private bool _committed;

        // BEGIN IMMEDIATE has already shut out every other process that wants to write.
        public Task LockSchemaAsync(CancellationToken cancellation) => Task.CompletedTask;

        public Task ExecuteAsync(string sql, CancellationToken cancellation)
        {
            session.Execute(sql);
            return Task.CompletedTask;
        }

        public Task RunAsync(IReadOnlyList<Step> steps, CancellationToken cancellation)
        {
            cancellation.ThrowIfCancellationRequested();
            session.Run(steps);
            return Task.CompletedTask;
        }

        public Task CommitAsync()
        {
            session.Execute("COMMIT");
            _committed = true;
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            try
            {
                if (!_committed) session.Execute("ROLLBACK");
            }
            catch (SqliteException)
            {
                // SQLite has rolled back by itself (disk full, I/O error), or the connection is in doubt: the next transaction gets a new one.
                session.Dispose();
                database._writer = null;
            }

            database._writing.Release();
            return ValueTask.CompletedTask;
        }
    }
}
