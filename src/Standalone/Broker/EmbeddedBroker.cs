using System.Collections.Frozen;
using System.Runtime.InteropServices;

namespace Parley.Standalone.Broker;

/// <summary>
/// A Kafka broker in this process: the mock cluster that librdkafka carries. For trying out and for tests; it speaks the real protocol on
/// a port of 127.0.0.1, so any client of any process on this machine can produce and consume.
/// </summary>
/// <remarks>
/// What it is not, as its source says and as the tests show:
/// <list type="bullet">
/// <item>Not durable: the topics are gone with the process.</item>
/// <item>A partition keeps 5 MiB of record batches (<see cref="PartitionBytes"/>), or 100,000 batches. Past that the oldest batches are
/// dropped at once, read or not, and the producer is still acknowledged. A consumer that fell behind finds its offset out of range and goes
/// on by its <c>auto.offset.reset</c>: without that limit being watched, accepted records are lost.</item>
/// <item>A fetch is not woken by new records: an empty one waits its whole <c>fetch.wait.max.ms</c>. Clients want <see cref="ClientSettings"/>.</item>
/// <item>A group that gains or loses a member stands still for its <c>session.timeout.ms</c> less a second before the next assignment; only a
/// new group gets its first one at once. Members of one group must all ask for the same assignment strategy: another one ends the process.</item>
/// <item>No admin protocol: topics are made here, or by the first producer that names one (then with 4 partitions).
/// Sequence numbers of idempotent producers are not checked, and transactions do not hold anything back.</item>
/// </list>
/// </remarks>
public sealed class EmbeddedBroker : IDisposable
{
    /// <summary>Bytes of record batches that a partition keeps; what is older is dropped without a word.</summary>
    public const long PartitionBytes = 5 * 1024 * 1024;

    /// <summary>Settings of librdkafka that keep clients of this broker quick.</summary>
    public static FrozenDictionary<string, string> ClientSettings { get; } =
        new Dictionary<string, string> { ["fetch.wait.max.ms"] = "10" }.ToFrozenDictionary();

    private readonly Lock _gate = new();
    private nint _client;
    private nint _cluster;

    private EmbeddedBroker(nint client, nint cluster)
    {
        _client = client;
        _cluster = cluster;
        BootstrapServers = Marshal.PtrToStringUTF8(MockCluster.Bootstraps(cluster))!;
    }

    /// <summary>host:port on 127.0.0.1; the port is the system's choice.</summary>
    public string BootstrapServers { get; }

    /// <summary>Starts a broker that has these topics.</summary>
    /// <param name="partitions">Of each topic.</param>
    /// <exception cref="EmbeddedBrokerException">librdkafka is missing, or has no mock cluster, or could not listen.</exception>
    public static EmbeddedBroker Start(int partitions, params IReadOnlyList<string> topics)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        try
        {
            return StartCluster(partitions, topics);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            throw new EmbeddedBrokerException($"librdkafka does not carry the embedded broker on this system: {e.Message}", e);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_cluster != 0) MockCluster.Destroy(_cluster);
            if (_client != 0) MockCluster.DestroyClient(_client);
            (_cluster, _client) = (0, 0);
        }
    }

    private static EmbeddedBroker StartCluster(int partitions, IReadOnlyList<string> topics)
    {
        // The cluster lives on a client instance, which itself connects to nothing and has nothing to say.
        var settings = MockCluster.NewSettings();
        MockCluster.SetLogger(settings, 0);
        var reason = new byte[512];
        var client = MockCluster.NewClient(MockCluster.Producer, settings, reason, reason.Length);
        if (client == 0)
        {
            MockCluster.DestroySettings(settings);
            throw new EmbeddedBrokerException($"the embedded broker did not start: {Text(reason)}");
        }

        var cluster = MockCluster.New(client, brokers: 1);
        if (cluster == 0)
        {
            MockCluster.DestroyClient(client);
            throw new EmbeddedBrokerException("the embedded broker did not start: it could not listen on 127.0.0.1");
        }

        var broker = new EmbeddedBroker(client, cluster);
        // A real broker waits 3 s for more members before a new group's first assignment; here all members are in this process.
        MockCluster.SetInitialRebalanceDelay(cluster, milliseconds: 50);
        foreach (var topic in topics)
        {
            var error = MockCluster.CreateTopic(cluster, topic, partitions, replicas: 1);
            if (error == 0) continue;
            broker.Dispose();
            throw new EmbeddedBrokerException($"the embedded broker refused topic '{topic}' with {partitions} partitions (librdkafka error {error})");
        }

        return broker;
    }

    private static string Text(byte[] zeroTerminated) =>
        System.Text.Encoding.UTF8.GetString(zeroTerminated, 0, Math.Max(0, Array.IndexOf(zeroTerminated, (byte)0)));
}

/// <summary>The embedded broker cannot be had on this system.</summary>
public sealed class EmbeddedBrokerException(string message, Exception? inner = null) : Exception(message, inner);
