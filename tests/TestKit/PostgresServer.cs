using Npgsql;

namespace Parley.TestKit;

/// <summary>
/// A real PostgreSQL on a free port of 127.0.0.1 with everything it writes in a temporary folder, from Debian's package; or the one that
/// the environment variable POSTGRES names (Npgsql's keywords), which is left running.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private static readonly string? Named = Environment.GetEnvironmentVariable("POSTGRES") is { Length: > 0 } named ? named : null;
    private static readonly string? Programs = Named is null ? FindPrograms() : null;

    private readonly string? _folder;
    private readonly IReadOnlyList<string> _settings = [];
    private ChildProcess? _process;

    private PostgresServer(string connectionString) => ConnectionString = connectionString;

    private PostgresServer(string folder, int port, IReadOnlyList<string> settings)
    {
        (_folder, _settings, Port) = (folder, settings, port);
        ConnectionString = $"Host=127.0.0.1;Port={port};Username=parley;Database=postgres";
    }

    /// <summary>Why there is no PostgreSQL here; null when there is one.</summary>
    public static string? Missing => Named is null && Programs is null
        ? "no PostgreSQL: the server is missing (Debian: apt-get install postgresql), and POSTGRES is not set"
        : null;

    public string ConnectionString { get; }

    /// <summary>0 for a server that was there before.</summary>
    public int Port { get; }

    /// <param name="settings">Lines of postgresql.conf. The server runs without fsync unless they say otherwise.</param>
    public static async Task<PostgresServer> StartAsync(CancellationToken cancellation, params string[] settings)
    {
        if (Named is not null) return new PostgresServer(Named);

        var folder = Directory.CreateTempSubdirectory("parley-postgres-").FullName;
        var server = new PostgresServer(folder, FreePort.Take(), settings);
        try
        {
            // PostgreSQL does not run as root.
            if (Environment.IsPrivilegedProcess) await RunAsync("chown", ["postgres", folder], cancellation);
            await RunAsync("initdb", ["-D", server.Data, "-U", "parley", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"], cancellation);
            await server.StartAgainAsync(cancellation);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it on the data and the port it had.</summary>
    public async Task StartAgainAsync(CancellationToken cancellation)
    {
        string[] settings = ["fsync=off", $"port={Port}", "listen_addresses=127.0.0.1", $"unix_socket_directories={_folder}", .. _settings];
        var (program, arguments) = AsPostgres("postgres", ["-D", Data, .. settings.SelectMany(s => new[] { "-c", s })]);
        _process = ChildProcess.Start(program, arguments);
        await Eventually.Until(AnswersAsync, answers => answers || _process.HasExited, cancellation, TimeSpan.FromSeconds(30));
        if (_process.HasExited) throw new InvalidOperationException($"postgres did not start: {_process.AllOutput}");
    }

    /// <summary>Ends it without a checkpoint, as a crash does; it recovers when it is started again.</summary>
    public async Task CrashAsync(CancellationToken cancellation)
    {
        await RunAsync("pg_ctl", ["-D", Data, "-m", "immediate", "-s", "stop"], cancellation);
        await _process!.DisposeAsync();
        _process = null;
    }

    /// <summary>SIGKILL to the postmaster and every process it started, by their ids: nobody gets to say goodbye.</summary>
    public async Task KillAsync()
    {
        var children = ChildrenOf(_process!.Id);
        await _process.DisposeAsync();
        foreach (var child in children) ChildProcess.KillById(child);
        await Eventually.True(() => children.TrueForAll(pid => !Directory.Exists($"/proc/{pid}")), CancellationToken.None);
        _process = null;
    }

    /// <summary>A connection string whose tables are in a schema of their own, which is made here.</summary>
    public async Task<string> CreateSchemaAsync(CancellationToken cancellation)
    {
        var name = $"test_{Guid.NewGuid():N}";
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync(cancellation);
        await using var command = new NpgsqlCommand($"CREATE SCHEMA {name}", connection);
        await command.ExecuteNonQueryAsync(cancellation);
        return new NpgsqlConnectionStringBuilder(ConnectionString) { SearchPath = name }.ConnectionString;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false }) await CrashAsync(CancellationToken.None);
        if (_folder is not null) Directory.Delete(_folder, recursive: true);
    }

    private string Data => Path.Combine(_folder!, "data");

    private async Task<bool> AnswersAsync()
    {
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false;Timeout=2");
            await connection.OpenAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    // /proc/PID/stat: pid (name) state ppid …; the name may hold blanks.
    private static List<int> ChildrenOf(int parent)
    {
        var children = new List<int>();
        foreach (var folder in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out var pid)) continue;
            try
            {
                var stat = File.ReadAllText(Path.Combine(folder, "stat"));
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                if (fields[1] == $"{parent}") children.Add(pid);
            }
            catch (IOException)
            {
                // It has just ended.
            }
        }

        return children;
    }

    private static string? FindPrograms()
    {
        const string debian = "/usr/lib/postgresql";
        var versions = Directory.Exists(debian) ? Directory.GetDirectories(debian) : [];
        return versions.OrderByDescending(v => double.TryParse(Path.GetFileName(v), out var n) ? n : 0).Select(v => Path.Combine(v, "bin"))
            .FirstOrDefault(bin => File.Exists(Path.Combine(bin, "initdb")) && File.Exists(Path.Combine(bin, "postgres")));
    }

    private static (string Program, IReadOnlyList<string> Arguments) AsPostgres(string program, IReadOnlyList<string> arguments)
    {
        var path = Path.Combine(Programs!, program);
        return Environment.IsPrivilegedProcess ? ("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", path, .. arguments]) : (path, arguments);
    }

    private static async Task RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var (path, all) = program == "chown" ? (program, arguments) : AsPostgres(program, arguments);
        await using var child = ChildProcess.Start(path, all);
        if (await child.WaitAsync(cancellation) != 0) throw new InvalidOperationException($"{program} failed: {child.AllOutput}");
    }
}
