using Parley.Chaos.History;
using Parley.TestKit;

namespace Parley.Chaos.Hosts;

/// <summary>The processes of a run: several ingests, workers and dispatchers, the real programs or, for a mutant, the same with one part broken.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private readonly List<HostProcess> _hosts = [];
    private readonly Dictionary<string, string?> _environment;
    private readonly RunSettings _settings;
    private readonly RunHistory _history;
    private readonly Servers _servers;
    private readonly string _schema;
    private int _extra = 90;

    public Cluster(RunSettings settings, Servers servers, string schema, string tenantsFile, string engine, RunHistory history)
    {
        (_settings, _history, _servers, _schema) = (settings, history, servers, schema);
        _environment = new Dictionary<string, string?>
        {
            ["KAFKA_BOOTSTRAP_SERVERS"] = servers.Kafka.EdgeBootstrapServers,
            ["REDIS"] = servers.Redis?.Address,
            ["ENGINE_ADDRESS"] = engine,
            ["TENANTS_FILE"] = tenantsFile,
            ["Kafka__CreateTopics"] = "false",
            ["Kafka__GroupProtocol"] = settings.GroupProtocol,
            ["Kafka__SessionTimeout"] = settings.SessionTimeout.ToString(),
            ["Processor__Group"] = Group(Role.Worker),
            ["Processor__DrainTime"] = "00:00:03",
            ["Dispatcher__Group"] = Group(Role.Dispatcher),

            // An engine that is away is waited for: the fallback text is no reply of the chain.
            ["Engine__FallbackAfter"] = "01:00:00",
            ["Engine__Deadline"] = "00:01:00",
            ["Dispatcher__SendTimeout"] = "00:00:02",
            ["Dispatcher__Lease"] = "00:00:09",
            ["Dispatcher__SettleTime"] = "00:00:08",
            ["Dispatcher__SweepInterval"] = "00:00:02",
            ["Dispatcher__SweepAfter"] = "00:00:06",
            ["Logging__LogLevel__Microsoft"] = "Warning",
            ["Logging__Console__FormatterName"] = "simple",
            ["Logging__Console__FormatterOptions__SingleLine"] = "true",
            ["Logging__Console__FormatterOptions__TimestampFormat"] = "HH:mm:ss.fff ",
            ["DOTNET_TieredPGO"] = "0",
            ["DOTNET_gcServer"] = "0",
        };
        for (var i = 1; i <= settings.Ingests; i++) Add(Role.Ingest, i);
        for (var i = 1; i <= settings.Workers; i++) Add(Role.Worker, i);
        for (var i = 1; i <= settings.Dispatchers; i++) Add(Role.Dispatcher, i);
    }

    public IReadOnlyList<HostProcess> Hosts => _hosts;

    /// <summary>Refused commits of processes that had been paused, so far.</summary>
    public int Fenced => _hosts.Sum(h => h.Fenced);

    public IEnumerable<HostProcess> Of(Role role) => _hosts.Where(h => h.Role == role);

    public string Group(Role role) => role == Role.Worker ? $"processor-{_schema}" : $"dispatcher-{_schema}";

    /// <summary>Starts all and waits until they are ready.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        foreach (var host in _hosts) host.Start();
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(4) };
        foreach (var host in _hosts) await Eventually.Until(() => IsReadyAsync(http, host), static ready => ready, cancellation, TimeSpan.FromSeconds(90));
    }

    /// <summary>A worker that is not one of the run's own, for storms.</summary>
    public HostProcess ExtraWorker() => Make(Role.Worker, Interlocked.Increment(ref _extra));

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_hosts.Select(h => h.DisposeAsync().AsTask()));
    }

    private static async Task<bool> IsReadyAsync(HttpClient http, HostProcess host)
    {
        if (!host.IsRunning) throw new InvalidOperationException($"{host.Name} ended while it started; see its log");
        try
        {
            using var answer = await http.GetAsync(new Uri(host.Address, host.Role == Role.Ingest ? "api/v2/health/live" : "api/v2/health/ready"));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private void Add(Role role, int number) => _hosts.Add(Make(role, number));

    private HostProcess Make(Role role, int number)
    {
        var port = role == Role.Dispatcher ? _servers.DispatcherStore.Port : _servers.WorkerStore.Port;
        var environment = new Dictionary<string, string?>(_environment) { ["POSTGRES"] = _servers.Store(_schema, port) };
        string[] command;
        if (_settings.Mutant is null)
        {
            var program = role switch { Role.Ingest => "Parley.Ingest.dll", Role.Worker => "Parley.Processor.dll", _ => "Parley.Dispatcher.dll" };
            command = ["dotnet", Path.Combine(AppContext.BaseDirectory, program)];
        }
        else
        {
            command = ["dotnet", Path.Combine(AppContext.BaseDirectory, "Parley.Chaos.dll"), "host", role.ToString(), _settings.Mutant];
            environment["PARLEY_CHAOS_STORE"] = _servers.Store(_schema);
        }

        return new HostProcess(role, number, command, environment, _history, _settings.Out is null ? null : Path.Combine(_settings.Out, "logs"));
    }
}
