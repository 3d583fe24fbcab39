using Parley.Standalone.Broker;
using Xunit;

namespace Parley.TestKit.Kafka;

/// <summary>The brokers that tests run on: librdkafka's in-memory one, which is always there, and a real Apache Kafka where one can be started.</summary>
public enum BrokerKind { Embedded, Apache }

/// <summary>A broker of either kind with the project's topics to be made on it by the hosts (Apache) or made here (embedded).</summary>
public sealed class TestBroker : IAsyncDisposable
{
    private readonly EmbeddedBroker? _embedded;

    private TestBroker(EmbeddedBroker? embedded, KafkaServer? server) => (_embedded, Server) = (embedded, server);

    /// <summary>Set for a real Kafka: what can be killed and restarted.</summary>
    public KafkaServer? Server { get; }

    public string BootstrapServers => Server?.BootstrapServers ?? _embedded!.BootstrapServers;

    /// <summary>Settings that point a host at this broker.</summary>
    public Dictionary<string, string> Settings => new()
    {
        ["Kafka:BootstrapServers"] = BootstrapServers,
        ["Kafka:CreateTopics"] = Server is null ? "false" : "true",
        ["Kafka:Partitions"] = "4",
    };

    /// <summary>Skips the test, with the reason, when there is no broker of this kind.</summary>
    public static async Task<TestBroker> StartAsync(BrokerKind kind, CancellationToken cancellation)
    {
        if (kind == BrokerKind.Embedded) return new TestBroker(EmbeddedBroker.Start(4, [.. Parley.Common.Records.Topics.All]), null);
        if (KafkaServer.Missing is { } reason) Assert.Skip(reason);
        return new TestBroker(null, await KafkaServer.StartAsync(cancellation));
    }

    public ValueTask DisposeAsync()
    {
        _embedded?.Dispose();
        return Server?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
