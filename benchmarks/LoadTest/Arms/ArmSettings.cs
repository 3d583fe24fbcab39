using System.Globalization;

namespace Parley.LoadTest.Arms;

/// <summary>What an arm's process is told, by environment variables: the same for our own arms and for programs from outside.</summary>
internal sealed record ArmSettings
{
    public required string Bootstrap { get; init; }
    public required string Topic { get; init; }
    public required string Replies { get; init; }
    public required string Group { get; init; }
    public int Concurrency { get; init; }
    public double LatencyMs { get; init; }
    public int Records { get; init; }
    public int Partitions { get; init; }
    public int Tenants { get; init; }
    public string Store { get; init; } = "none";
    public string StoreConnection { get; init; } = "";
    public string Engine { get; init; } = "park";
    public string EngineAddress { get; init; } = "";

    /// <summary>Parley only: what the engine does to the first tenant: nothing else, "fail" or "hang".</summary>
    public string SlowTenant { get; init; } = "";

    /// <summary>Parley only: where the channel's API is; empty for tenants without one.</summary>
    public string ChannelAddress { get; init; } = "";

    /// <summary>How long a record of an arm that is not Parley waits for others of its partition. The peer's driver has a linger of its own.</summary>
    public double LingerMs { get; init; } = Clients.LingerMs;

    /// <summary>Our own arms only: where the host listens; 0 for nowhere.</summary>
    public int Port { get; init; }

    public Dictionary<string, string?> ToEnvironment() => new()
    {
        ["BOOTSTRAP"] = Bootstrap,
        ["TOPIC"] = Topic,
        ["REPLIES"] = Replies,
        ["GROUP"] = Group,
        ["CONCURRENCY"] = Text(Concurrency),
        ["LATENCY_MS"] = LatencyMs.ToString(CultureInfo.InvariantCulture),
        ["RECORDS"] = Text(Records),
        ["PARTITIONS"] = Text(Partitions),
        ["TENANTS"] = Text(Tenants),
        ["STORE"] = Store,
        ["STORE_CONNECTION"] = StoreConnection,
        ["ENGINE"] = Engine,
        ["BENCH_ENGINE_ADDRESS"] = EngineAddress,
        ["SLOW_TENANT"] = SlowTenant,
        ["CHANNEL_ADDRESS"] = ChannelAddress,
        ["BENCH_LINGER_MS"] = LingerMs.ToString(CultureInfo.InvariantCulture),
        ["BENCH_PORT"] = Text(Port),
    };

    public static ArmSettings FromEnvironment() => new()
    {
        Bootstrap = Get("BOOTSTRAP"),
        Topic = Get("TOPIC"),
        Replies = Get("REPLIES"),
        Group = Get("GROUP"),
        Concurrency = Number("CONCURRENCY"),
        LatencyMs = double.Parse(Get("LATENCY_MS"), CultureInfo.InvariantCulture),
        Records = Number("RECORDS"),
        Partitions = Number("PARTITIONS"),
        Tenants = Number("TENANTS"),
        Store = Get("STORE"),
        StoreConnection = Get("STORE_CONNECTION"),
        Engine = Get("ENGINE"),
        EngineAddress = Get("BENCH_ENGINE_ADDRESS"),
        SlowTenant = Get("SLOW_TENANT"),
        ChannelAddress = Get("CHANNEL_ADDRESS"),
        LingerMs = double.Parse(Get("BENCH_LINGER_MS"), CultureInfo.InvariantCulture),
        Port = Number("BENCH_PORT"),
    };

    private static string Get(string name) => Environment.GetEnvironmentVariable(name) ?? "";

    private static int Number(string name) => int.Parse(Get(name) is { Length: > 0 } text ? text : "0", CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
