using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Parley.TestKit.Kafka;

/// <summary>
/// A real Apache Kafka (KRaft, one to N nodes) on free ports of 127.0.0.1, started from <c>$KAFKA_HOME/libs</c> and <c>java</c> alone, so
/// Apache's own download serves. Everything it writes is in a temporary folder; its processes are stopped by their ids.
/// </summary>
public sealed class KafkaServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("parley-kafka-").FullName;
    private readonly List<Node> _nodes = [];
    private bool _withEdge;

    private KafkaServer() { }

    /// <summary>Why no real Kafka can be started here; null when one can.</summary>
    public static string? Missing =>
        Environment.GetEnvironmentVariable("KAFKA_HOME") is not { Length: > 0 } home ? "no real Kafka: KAFKA_HOME is not set (a folder with Apache Kafka's libs)"
        : !Directory.Exists(Path.Combine(home, "libs")) ? $"no real Kafka: {Path.Combine(home, "libs")} does not exist"
        : ChildProcess.Find("java") is null ? "no real Kafka: java is missing (Debian: apt-get install openjdk-17-jre-headless)"
        : null;

    public string BootstrapServers => string.Join(',', _nodes.Select(n => $"127.0.0.1:{n.Port}"));

    public int Nodes => _nodes.Count;

    /// <summary>Of a node that runs.</summary>
    public int ProcessId(int node = 1) => _nodes[node - 1].Process!.Id;

    /// <summary>With an edge: the port each node listens on for it, and the port it tells clients to use, where a proxy is expected.</summary>
    public IReadOnlyList<(int Listens, int Advertised)> Edges => [.. _nodes.Select(n => (n.EdgePort, n.AdvertisedEdgePort))];

    /// <summary>The addresses of the proxies on the edge.</summary>
    public string EdgeBootstrapServers => string.Join(',', _nodes.Select(n => $"127.0.0.1:{n.AdvertisedEdgePort}"));

    /// <summary>Formats and starts the nodes and waits until they listen.</summary>
    public static Task<KafkaServer> StartAsync(CancellationToken cancellation, int nodes = 1, params string[] settings) =>
        StartAsync(withEdge: false, nodes, settings, cancellation);

    /// <param name="withEdge">A second listener on each node that advertises another port: see <see cref="Edges"/>.</param>
    public static async Task<KafkaServer> StartAsync(bool withEdge, int nodes, IReadOnlyList<string> settings, CancellationToken cancellation)
    {
        var server = new KafkaServer { _withEdge = withEdge };
        try
        {
            for (var id = 1; id <= nodes; id++) server._nodes.Add(new Node(id, FreePort.Take(), FreePort.Take(), Path.Combine(server._folder, $"node-{id}")));
            var clusterId = NewClusterId();
            foreach (var node in server._nodes)
            {
                Directory.CreateDirectory(node.Folder);
                await File.WriteAllLinesAsync(node.Properties, server.Settings(node).Concat(settings), cancellation);
                await RunJavaAsync($"kafka.tools.StorageTool format -t {clusterId} -c {node.Properties}", cancellation);
                node.Process = Launch(node);
            }

            foreach (var node in server._nodes) await AwaitAsync(node, cancellation);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>SIGKILL: what a crash of the process is.</summary>
    public Task KillAsync(int node = 1) => _nodes[node - 1].Process!.KillAsync();

    /// <summary>Starts a killed node on its data.</summary>
    public async Task RestartAsync(CancellationToken cancellation, int node = 1)
    {
        _nodes[node - 1].Process = Launch(_nodes[node - 1]);
        await AwaitAsync(_nodes[node - 1], cancellation);
    }

    /// <summary>SIGSTOP.</summary>
    public void Pause(int node = 1) => _nodes[node - 1].Process!.Pause();

    /// <summary>SIGCONT.</summary>
    public void Resume(int node = 1) => _nodes[node - 1].Process!.Resume();

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            if (node.Process is { } process) await process.KillAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static string ClassPath => Path.Combine(Environment.GetEnvironmentVariable("KAFKA_HOME")!, "libs", "*");

    private IEnumerable<string> Settings(Node node)
    {
        var replicas = Math.Min(3, _nodes.Count);
        var quorum = Math.Max(1, replicas - 1);
        return
        [
            "process.roles=broker,controller",
            $"node.id={node.Id}",
            "controller.quorum.voters=" + string.Join(',', _nodes.Select(n => $"{n.Id}@127.0.0.1:{n.ControllerPort}")),
            $"listeners=PLAINTEXT://127.0.0.1:{node.Port},CONTROLLER://127.0.0.1:{node.ControllerPort}" + (_withEdge ? $",EDGE://127.0.0.1:{node.EdgePort}" : ""),
            $"advertised.listeners=PLAINTEXT://127.0.0.1:{node.Port}" + (_withEdge ? $",EDGE://127.0.0.1:{node.AdvertisedEdgePort}" : ""),
            "controller.listener.names=CONTROLLER",
            "inter.broker.listener.name=PLAINTEXT",
            "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,EDGE:PLAINTEXT",
            $"log.dirs={Path.Combine(node.Folder, "data")}",
            "auto.create.topics.enable=false",
            $"default.replication.factor={replicas}",
            $"min.insync.replicas={quorum}",
            $"offsets.topic.replication.factor={replicas}",
            "offsets.topic.num.partitions=4",
            $"transaction.state.log.replication.factor={replicas}",
            $"transaction.state.log.min.isr={quorum}",
            "transaction.state.log.num.partitions=4",
            $"share.coordinator.state.topic.replication.factor={replicas}",
            "share.coordinator.state.topic.min.isr=1",
            "share.coordinator.state.topic.num.partitions=2",
            "group.initial.rebalance.delay.ms=0",
            "group.min.session.timeout.ms=1000",
            "group.consumer.min.session.timeout.ms=1000",
            "group.consumer.session.timeout.ms=6000",
            "group.consumer.min.heartbeat.interval.ms=200",
            "group.consumer.heartbeat.interval.ms=1000",
            "broker.session.timeout.ms=3000",
            "broker.heartbeat.interval.ms=500",
            "num.network.threads=2",
            "num.io.threads=4",
            "log.cleaner.threads=1",
            "log.cleaner.dedupe.buffer.size=4194304",
            "log.segment.bytes=67108864",
            "log.index.size.max.bytes=1048576",
        ];
    }

    /// <summary>16 random bytes in URL-safe base64, as Kafka's own tool makes them; a leading hyphen would read as an option.</summary>
    private static string NewClusterId() => "p" + Convert.ToBase64String(Guid.NewGuid().ToByteArray()).TrimEnd('=').Replace('+', '-').Replace('/', '_')[1..];

    private static ChildProcess Launch(Node node) => ChildProcess.Start(
        "java",
        ["-Xms384m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:ReservedCodeCacheSize=96m", "-Xss512k", "-XX:+ExitOnOutOfMemoryError",
            "-Djava.awt.headless=true", "-Dorg.apache.logging.log4j.level=WARN", "-cp", ClassPath, "kafka.Kafka", node.Properties]);

    private static async Task RunJavaAsync(string arguments, CancellationToken cancellation)
    {
        await using var tool = ChildProcess.Start("java", ["-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", ClassPath, .. arguments.Split(' ')]);
        var exitCode = await tool.WaitAsync(cancellation);
        if (exitCode != 0) throw new InvalidOperationException($"java {arguments}: exit code {exitCode.ToString(CultureInfo.InvariantCulture)}\n{tool.AllOutput}");
    }

    private static async Task AwaitAsync(Node node, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            if (node.Process!.HasExited) throw new InvalidOperationException($"Kafka node {node.Id} ended while starting:\n{node.Process.AllOutput}");
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync("127.0.0.1", node.Port, cancellation);
                return;
            }
            catch (SocketException) when (clock.Elapsed < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(50, cancellation);
            }
        }
    }

    private sealed class Node(int id, int port, int controllerPort, string folder)
    {
        public int Id { get; } = id;
        public int Port { get; } = port;
        public int ControllerPort { get; } = controllerPort;
        public int EdgePort { get; } = FreePort.Take();
        public int AdvertisedEdgePort { get; } = FreePort.Take();
        public string Folder { get; } = folder;
        public string Properties => Path.Combine(Folder, "server.properties");
        public ChildProcess? Process { get; set; }
    }
}
