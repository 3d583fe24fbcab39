using Npgsql;
using Parley.Common.Records;
using Parley.TestKit;
using Parley.TestKit.Kafka;
using Parley.TestKit.Proxies;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Parley.Chaos.Hosts;

/// <summary>Broker, store and Redis with a proxy on every edge to the hosts; shared by several runs, each of which finds them empty.</summary>
internal sealed class Servers : IAsyncDisposable
{
    private readonly List<TcpProxy> _kafkaEdges = [];

    private Servers(KafkaServer kafka, PostgresServer postgres, RedisServer? redis) => (Kafka, Postgres, Redis) = (kafka, postgres, redis);

    public KafkaServer Kafka { get; }
    public PostgresServer Postgres { get; }
    public RedisServer? Redis { get; }

    /// <summary>Answers to Produce requests that never come.</summary>
    public AnswerDrops ProducesUnheard { get; } = new();

    /// <summary>Commits that the store makes and nobody hears of.</summary>
    public AnswerDrops CommitsUnheard { get; } = new();

    /// <summary>Commits that never reach the store.</summary>
    public AnswerDrops CommitsLost { get; } = new();

    public IReadOnlyList<TcpProxy> KafkaEdges => _kafkaEdges;

    /// <summary>Between the workers and the store.</summary>
    public TcpProxy WorkerStore { get; private set; } = null!;

    /// <summary>Between the dispatchers and the store.</summary>
    public TcpProxy DispatcherStore { get; private set; } = null!;

    /// <summary>Why no run is possible here; null when one is.</summary>
    public static string? Missing => KafkaServer.Missing ?? (Environment.GetEnvironmentVariable("POSTGRES") is { Length: > 0 }
        ? "POSTGRES names a server that a run may not kill" : PostgresServer.Missing);

    public static async Task<Servers> StartAsync(int nodes, CancellationToken cancellation)
    {
        var kafka = KafkaServer.StartAsync(withEdge: true, nodes, [], cancellation);
        var postgres = PostgresServer.StartAsync(cancellation, "max_connections=200");
        var servers = new Servers(await kafka, await postgres, RedisServer.Missing is null ? await RedisServer.StartAsync(cancellation) : null);
        foreach (var (listens, advertised) in servers.Kafka.Edges)
        {
            servers._kafkaEdges.Add(new TcpProxy(listens, advertised, () => new KafkaTap(servers.ProducesUnheard)));
        }

        servers.WorkerStore = new TcpProxy(servers.Postgres.Port, tap: () => new PostgresTap(servers.CommitsLost, servers.CommitsUnheard));
        servers.DispatcherStore = new TcpProxy(servers.Postgres.Port);
        return servers;
    }

    /// <summary>Topics made anew and a schema of its own; the schema's name.</summary>
    public async Task<string> EmptyAsync(int partitions, CancellationToken cancellation)
    {
        foreach (var edge in _kafkaEdges.Append(WorkerStore).Append(DispatcherStore)) edge.Mode = WireMode.Pass;
        foreach (var drops in new[] { ProducesUnheard, CommitsUnheard, CommitsLost }) drops.Disarm();
        if (Redis is not null) await Redis.AskAsync("FLUSHALL", cancellation);

        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Kafka.BootstrapServers }).SetLogHandler((_, _) => { }).Build();
        var there = admin.GetMetadata(TimeSpan.FromSeconds(20)).Topics.Select(t => t.Topic).Where(Topics.All.Contains).ToList();
        if (there.Count > 0)
        {
            await admin.DeleteTopicsAsync(there);
            await Eventually.True(() => !admin.GetMetadata(TimeSpan.FromSeconds(5)).Topics.Any(t => Topics.All.Contains(t.Topic)), cancellation);
        }

        await admin.CreateTopicsAsync(Topics.All.Select(name => new TopicSpecification { Name = name, NumPartitions = partitions, ReplicationFactor = -1 }));
        var schema = $"run_{Guid.NewGuid():N}";
        await using var source = NpgsqlDataSource.Create(Postgres.ConnectionString);
        await using var command = source.CreateCommand($"CREATE SCHEMA {schema}");
        await command.ExecuteNonQueryAsync(cancellation);
        return schema;
    }

    public string Store(string schema, int? port = null) => new NpgsqlConnectionStringBuilder(Postgres.ConnectionString)
    {
        SearchPath = schema, Port = port ?? Postgres.Port,
    }.ConnectionString;

    public async ValueTask DisposeAsync()
    {
        foreach (var edge in _kafkaEdges.Append(WorkerStore).Append(DispatcherStore)) await edge.DisposeAsync();
        await Kafka.DisposeAsync();
        await Postgres.DisposeAsync();
        if (Redis is not null) await Redis.DisposeAsync();
    }
}
