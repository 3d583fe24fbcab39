using Parley.TestKit;

namespace Parley.LoadTest;

/// <summary>Empty stores for arms: a new SQLite file, a new schema of one PostgreSQL.</summary>
internal sealed class BenchStores : IAsyncDisposable
{
    /// <summary>As a careful installation has them: every commit is on the disk before it is answered.</summary>
    private static readonly string[] PostgresSettings = ["fsync=on", "shared_buffers=256MB", "max_wal_size=2GB"];
    private PostgresServer? _postgres;

    public async Task<OpenStore> OpenAsync(string kind, CancellationToken cancellation)
    {
        switch (kind)
        {
            case "sqlite":
                var folder = Directory.CreateTempSubdirectory("parley-loadtest-").FullName;
                return new OpenStore(Path.Combine(folder, "parley.db"), folder);
            case "postgresql":
                if (PostgresServer.Missing is { } reason) throw new BenchException(reason);
                _postgres ??= await PostgresServer.StartAsync(cancellation, PostgresSettings);
                return new OpenStore(await _postgres.CreateSchemaAsync(cancellation), null);
            default:
                return new OpenStore("", null);
        }
    }

    public ValueTask DisposeAsync() => _postgres?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>A store for one run.</summary>
internal sealed record OpenStore(string ConnectionString, string? Folder) : IAsyncDisposable
{
    public ValueTask DisposeAsync()
    {
        if (Folder is not null && Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
