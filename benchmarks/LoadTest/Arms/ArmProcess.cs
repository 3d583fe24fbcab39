using Parley.LoadTest.Measuring;
using Parley.TestKit;

namespace Parley.LoadTest.Arms;

/// <summary>An arm in a process of its own.</summary>
internal sealed class ArmProcess : IAsyncDisposable
{
    private ChildProcess _process;
    private readonly Func<ChildProcess> _launch;

    private ArmProcess(Func<ChildProcess> launch, int port) => (_launch, _process, Port) = (launch, launch(), port);

    /// <summary>Where a host of ours listens.</summary>
    public int Port { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public string Output => _process.AllOutput;

    /// <summary>Starts one of our own arms. Parley's hosts get the runtime settings of their own programs, so that what ships is what runs.</summary>
    public static ArmProcess Start(string kind, ArmSettings settings)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Parley.LoadTest.dll");
        var runtime = Path.Combine(AppContext.BaseDirectory, $"Parley.{ProgramOf(kind)}.runtimeconfig.json");
        var dependencies = Path.Combine(AppContext.BaseDirectory, "Parley.LoadTest.deps.json");
        return new ArmProcess(() => ChildProcess.Start(
            "dotnet", ["exec", "--runtimeconfig", runtime, "--depsfile", dependencies, program, "arm", kind], settings.ToEnvironment()), settings.Port);
    }

    private static string ProgramOf(string kind) => kind switch
    {
        ArmKind.Parley => "Processor",
        ArmKind.Ingest or ArmKind.Kestrel => "Ingest",
        ArmKind.Dispatcher => "Dispatcher",
        _ => "LoadTest",
    };

    public static ArmProcess Start(OutsideArm arm, ArmSettings settings) =>
        new(() => ChildProcess.Start("bash", ["-c", arm.Command], settings.ToEnvironment()), settings.Port);

    public ProcessUse Use() => ProcessUse.Of([_process.Id]);

    /// <summary>SIGKILL, and a new process at once.</summary>
    public async Task KillAndRestartAsync()
    {
        await StopTreeAsync();
        _process = _launch();
    }

    /// <summary>SIGTERM, and SIGKILL when that does not help.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        _process.Terminate();
        using var late = new CancellationTokenSource(patience);
        try
        {
            await _process.WaitAsync(late.Token);
        }
        catch (OperationCanceledException)
        {
            await StopTreeAsync();
        }
    }

    public async ValueTask DisposeAsync() => await StopTreeAsync();

    private async Task StopTreeAsync()
    {
        var children = ProcessUse.Tree(_process.Id).Where(id => id != _process.Id).ToList();
        await _process.DisposeAsync();
        foreach (var child in children) Signals.Kill(child);
    }
}
