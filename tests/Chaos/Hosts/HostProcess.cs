using System.Globalization;
using System.Text.RegularExpressions;
using Parley.Chaos.History;
using Parley.TestKit;

namespace Parley.Chaos.Hosts;

internal enum Role { Ingest, Worker, Dispatcher }

/// <summary>One of the programs in a process of its own, always on the same port: killed, paused and started again by its id. Its log is read as it comes.</summary>
internal sealed partial class HostProcess : IAsyncDisposable
{
    private readonly Dictionary<string, string?> _environment;
    private readonly string[] _command;
    private readonly RunHistory _history;
    private readonly StreamWriter? _log;
    private readonly HashSet<int> _owned = []; // guarded by itself
    private ChildProcess? _process;
    private int _generation;
    private long _pausedAt = long.MinValue;
    private int _fenced;

    public HostProcess(Role role, int number, string[] command, Dictionary<string, string?> environment, RunHistory history, string? logFolder)
    {
        (Role, Name, _command, _history) = (role, $"{role.ToString().ToLowerInvariant()}-{number}", command, history);
        Port = FreePort.Take();
        _environment = new(environment) { ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{Port}" };
        if (logFolder is null) return;

        Directory.CreateDirectory(logFolder);
        _log = new StreamWriter(Path.Combine(logFolder, $"{Name}.log")) { AutoFlush = true };
    }

    public Role Role { get; }

    public string Name { get; }

    public int Port { get; }

    public Uri Address => new($"http://127.0.0.1:{Port}/");

    /// <summary>A fault has it: no other fault may take it meanwhile.</summary>
    public bool IsTaken { get; set; }

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Partitions it said were assigned to it, of the topic it consumes.</summary>
    public IReadOnlyList<int> Owned
    {
        get { lock (_owned) return [.. _owned]; }
    }

    /// <summary>Commits that the store refused because it had been paused and others had gone on.</summary>
    public int Fenced => Volatile.Read(ref _fenced);

    public void Start()
    {
        lock (_owned) _owned.Clear();
        var generation = ++_generation;
        _process = ChildProcess.Start(_command[0], _command[1..], _environment, onLine: line => Read(line, generation));
    }

    public async Task KillAsync()
    {
        if (Interlocked.Exchange(ref _process, null) is { } process) await process.DisposeAsync();
    }

    /// <summary>SIGTERM, and the kill when it does not end.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        if (_process is not { HasExited: false } process) return;
        process.Terminate();
        using var limit = new CancellationTokenSource(patience);
        try
        {
            await process.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Tell("did not stop in time");
        }

        await KillAsync();
    }

    public void Pause()
    {
        Volatile.Write(ref _pausedAt, RunHistory.Now);
        _process?.Pause();
    }

    public void Resume()
    {
        _process?.Resume();
        Volatile.Write(ref _pausedAt, RunHistory.Now);
    }

    /// <summary>Resident memory in KiB; null when it does not run.</summary>
    public long? Resident()
    {
        if (_process is not { HasExited: false } process) return null;
        try
        {
            var line = File.ReadLines($"/proc/{process.Id}/status").FirstOrDefault(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
            return line is null ? null : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (_log is not null) await _log.DisposeAsync();
    }

    private void Read(string line, int generation)
    {
        if (_log is { } log)
        {
            lock (log) log.WriteLine(line);
        }

        if (generation != _generation) return;
        if (Assigned().Match(line) is { Success: true } assigned) Change(assigned.Groups[1].Value, (set, p) => set.Add(p));
        else if (GaveUp().Match(line) is { Success: true } gaveUp)
        {
            Change(gaveUp.Groups[1].Value, (set, p) => set.Remove(p));
            Tell("gave up partitions");
        }
        else if (Lost().Match(line) is { Success: true } lost)
        {
            Change(lost.Groups[1].Value, (set, p) => set.Remove(p));
            if (lost.Groups[1].Length > 0) Tell("lost partitions");
        }
        else if (line.Contains("was not committed: ", StringComparison.Ordinal))
        {
            var wasPaused = WasPaused();
            if (wasPaused) Interlocked.Increment(ref _fenced);
            Tell(wasPaused ? "refused commit after a pause" : "refused commit");
        }
        else if (line.Contains("is in doubt", StringComparison.Ordinal)) Tell("send in doubt");
        else if (line.Contains("nobody knows whether", StringComparison.Ordinal)) Tell("send unknown");
        else if (line.Contains("Unhandled exception", StringComparison.Ordinal)) Tell("unhandled exception: " + line);
    }

    private bool WasPaused() => Volatile.Read(ref _pausedAt) is > long.MinValue and var at && RunHistory.Now - at < 10_000_000_000;

    private void Tell(string what) => _history.Add(new ProcessEvent(Name, RunHistory.Now, what));

    private void Change(string partitions, Action<HashSet<int>, int> change)
    {
        lock (_owned)
        {
            foreach (var text in partitions.Split(',', StringSplitOptions.RemoveEmptyEntries)) change(_owned, int.Parse(text, CultureInfo.InvariantCulture));
        }
    }

    [GeneratedRegex(@"parley\.\w+: assigned ([\d,]*)")]
    private static partial Regex Assigned();

    [GeneratedRegex(@"parley\.\w+: gave up ([\d,]+);")]
    private static partial Regex GaveUp();

    [GeneratedRegex(@"parley\.\w+: lost ([\d,]*)")]
    private static partial Regex Lost();
}
