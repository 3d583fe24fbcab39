using Microsoft.Extensions.Logging.Abstractions;
using Parley.Common.Stores;
using Parley.Common.Stores.Sql;

namespace Parley.Integration.Stores;

/// <summary>A store on a database of its own, with the schema made. Another one on the same database is what another process has.</summary>
internal sealed class TestStore : IAsyncDisposable
{
    private readonly List<SqlStore> _stores = [];
    private readonly DirectoryInfo? _folder;

    private TestStore(StoreOptions options, DirectoryInfo? folder)
    {
        (Options, _folder) = (options, folder);
        Store = Another();
    }

    public static TheoryData<string> Kinds { get; } = [StoreOptions.Sqlite, StoreOptions.PostgreSql];

    public StoreOptions Options { get; }

    public IConversationStore Store { get; }

    public static async Task<TestStore> StartAsync(string kind, CancellationToken cancellation)
    {
        var store = await CreateAsync(kind, cancellation);
        await store.Store.InitialiseAsync(cancellation);
        return store;
    }

    /// <summary>Without the schema.</summary>
    public static async Task<TestStore> CreateAsync(string kind, CancellationToken cancellation)
    {
        if (kind == StoreOptions.PostgreSql)
        {
            var address = await (await SharedPostgres.GetAsync()).CreateSchemaAsync(cancellation);
            return new TestStore(new StoreOptions { Kind = kind, ConnectionString = address }, null);
        }

        var folder = Directory.CreateTempSubdirectory("parley-store-");
        return new TestStore(new StoreOptions { Kind = kind, ConnectionString = Path.Combine(folder.FullName, "parley.db") }, folder);
    }

    public SqlStore Another()
    {
        var store = StoreExtensions.Open(Options, TimeProvider.System, NullLoggerFactory.Instance);
        _stores.Add(store);
        return store;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores) await store.DisposeAsync();
        _folder?.Delete(recursive: true);
    }
}
