using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Parley.Common.Stores;

/// <summary>Where conversations are kept; setting <c>Store</c>.</summary>
public sealed class StoreOptions
{
    public const string Sqlite = "sqlite";
    public const string PostgreSql = "postgresql";
    public const string MongoDb = "mongodb";

    /// <summary>sqlite (default) or postgresql.</summary>
    public string Kind { get; set; } = Sqlite;

    /// <summary>
    /// SQLite: a path or <c>Data Source=path</c> (default: data/parley.db). PostgreSQL: Npgsql's keywords
    /// (<c>Host=…;Username=…;Password=…;Database=…</c>) or <c>postgresql://user:password@host:port/database</c>.
    /// </summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>Turns of one transaction, at most (default: 256).</summary>
    [Range(1, 5000)]
    public int MaxGroupTurns { get; set; } = 256;

    /// <summary>Groups of turns in flight at once; 0 (default) for the backend's own: 3 for PostgreSQL. SQLite has one writer, always.</summary>
    [Range(0, 16)]
    public int ConcurrentGroups { get; set; }

    /// <summary>How long a group that is not full waits for more turns (default: not at all).</summary>
    public TimeSpan Linger { get; set; }

    /// <summary>How long a start waits for a store that does not answer yet (default: 30 s).</summary>
    public TimeSpan StartupWait { get; set; } = TimeSpan.FromSeconds(30);

    internal int Groups => (Kind, ConcurrentGroups) switch
    {
        (Sqlite, _) => 1,
        (_, 0) => 3,
        (_, var groups) => groups,
    };
}

internal sealed class StoreOptionsValidator : IValidateOptions<StoreOptions>
{
    private static readonly TimeSpan LongestLinger = TimeSpan.FromSeconds(1);

    public ValidateOptionsResult Validate(string? name, StoreOptions options) => Problem(options) is { } problem
        ? ValidateOptionsResult.Fail(problem)
        : ValidateOptionsResult.Success;

    private static string? Problem(StoreOptions options) => options.Kind switch
    {
        StoreOptions.MongoDb => "Store:Kind is 'mongodb', but this build has no MongoDB backend yet; use sqlite or postgresql",
        not (StoreOptions.Sqlite or StoreOptions.PostgreSql) => $"Store:Kind is '{options.Kind}'; it must be sqlite or postgresql",
        StoreOptions.PostgreSql when options.ConnectionString.Length == 0 => "Store:ConnectionString is empty; Store:Kind postgresql needs one",
        _ when options.Linger < TimeSpan.Zero || options.Linger > LongestLinger => $"Store:Linger is {options.Linger}; it must be 0 to {LongestLinger}",
        _ when options.StartupWait < TimeSpan.Zero => $"Store:StartupWait is {options.StartupWait}; it must not be negative",
        _ => null,
    };
}
