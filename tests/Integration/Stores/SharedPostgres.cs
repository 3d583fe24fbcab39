using Parley.TestKit;

[assembly: AssemblyFixture(typeof(Parley.Integration.Stores.SharedPostgres))]

namespace Parley.Integration.Stores;

/// <summary>One PostgreSQL for all tests of a run, started by the first that asks.</summary>
public sealed class SharedPostgres : IAsyncDisposable
{
    private static readonly Lazy<Task<PostgresServer>> Server = new(() => PostgresServer.StartAsync(CancellationToken.None));

    /// <summary>Skips the test when there is none.</summary>
    public static Task<PostgresServer> GetAsync()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        return Server.Value;
    }

    public async ValueTask DisposeAsync()
    {
        if (Server.IsValueCreated) await (await Server.Value).DisposeAsync();
    }
}
