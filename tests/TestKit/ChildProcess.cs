using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Parley.TestKit;

/// <summary>A program that a test started: its output, signals by its own process id, and its end when the test ends.</summary>
public sealed partial class ChildProcess : IAsyncDisposable
{
    private const int Sigkill = 9, Sigterm = 15, Sigcont = 18, Sigstop = 19;
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();

    private ChildProcess(Process process, Action<string>? onLine)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Take(_output, line.Data, onLine);
        process.ErrorDataReceived += (_, line) => Take(_errors, line.Data, onLine);
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    public string Output
    {
        get { lock (_output) return _output.ToString(); }
    }

    public string Errors
    {
        get { lock (_errors) return _errors.ToString(); }
    }

    public string AllOutput => Output + Errors;

    /// <summary>The path of a program on PATH; null when it is not there.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    /// <param name="onLine">Gets each line of output and errors as it comes; then nothing is remembered here.</param>
    public static ChildProcess Start(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, string? folder = null, Action<string>? onLine = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = folder ?? "" };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>()) start.Environment[name] = value;
        var child = new ChildProcess(new Process { StartInfo = start }, onLine);
        child._process.Start();
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        child._process.StandardInput.Close();
        return child;
    }

    public async Task<int> WaitAsync(CancellationToken cancellation)
    {
        await _process.WaitForExitAsync(cancellation);
        return _process.ExitCode;
    }

    public void Pause() => Signal(Sigstop);

    public void Resume() => Signal(Sigcont);

    public void Terminate() => Signal(Sigterm);

    public async Task KillAsync()
    {
        if (!_process.HasExited) Signal(Sigkill);
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    /// <summary>SIGKILL to a process that is not a direct child, by its id.</summary>
    internal static void KillById(int pid) => _ = Kill(pid, Sigkill);

    private static void Take(StringBuilder builder, string? line, Action<string>? onLine)
    {
        if (line is null) return;
        if (onLine is not null) onLine(line);
        else lock (builder) builder.AppendLine(line);
    }

    private void Signal(int signal)
    {
        if (!_process.HasExited) _ = Kill(_process.Id, signal);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
