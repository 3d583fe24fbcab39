using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Parley.TestKit.Hosts;

/// <summary>The program itself, as a user runs it: <c>parley serve</c> in a process of its own that can be killed, stopped and started again on its data.</summary>
public sealed class ParleyProcess : IAsyncDisposable
{
    private readonly Dictionary<string, string?> _environment;
    private readonly string[] _arguments;
    private ChildProcess _process;

    private ParleyProcess(ChildProcess process, string url, string data, Dictionary<string, string?> environment, string[] arguments)
    {
        (_process, Url, Data, _environment, _arguments) = (process, url, data, environment, arguments);
        Http = new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(40) };
    }

    public string Url { get; private set; }

    public string Data { get; }

    public HttpClient Http { get; private set; }

    public ChildProcess Process => _process;

    /// <summary>What it printed before and with its ready line: the page's address, a curl, the broker's address …</summary>
    public string Banner => _process.Output;

    /// <param name="cancellation">Of the test.</param>
    /// <param name="settings">By the names of the settings: <c>Kafka:BootstrapServers</c> …</param>
    /// <param name="data">The data folder; null for a new one.</param>
    public static async Task<ParleyProcess> StartAsync(
        CancellationToken cancellation, IReadOnlyDictionary<string, string>? settings = null, string? data = null)
    {
        var folder = data ?? Directory.CreateTempSubdirectory("parley-data-").FullName;
        var environment = (settings ?? new Dictionary<string, string>()).ToDictionary(s => s.Key.Replace(":", "__", StringComparison.Ordinal), s => (string?)s.Value);
        string[] arguments = ["serve", "--port", "0", "--data", folder];
        var process = Launch(arguments, environment);
        var url = await ReadyAsync(process, cancellation);
        return new ParleyProcess(process, url, folder, environment, arguments);
    }

    /// <summary>The path of the built program.</summary>
    public static string Program => Path.Combine(AppContext.BaseDirectory, "Parley.Standalone.dll");

    /// <summary>Runs the command line to its end.</summary>
    public async Task<(int ExitCode, string Output, string Errors)> RunAsync(CancellationToken cancellation, params string[] arguments)
    {
        await using var child = ChildProcess.Start("dotnet", [Program, .. arguments], new Dictionary<string, string?> { ["PARLEY_URL"] = Url });
        var exitCode = await child.WaitAsync(cancellation);
        return (exitCode, child.Output.TrimEnd(), child.Errors.TrimEnd());
    }

    /// <summary>A token of the demo tenant.</summary>
    public async Task<string> TokenAsync(CancellationToken cancellation)
    {
        var (exitCode, output, errors) = await RunAsync(cancellation, "token", "--data", Data);
        return exitCode == 0 ? output : throw new InvalidOperationException($"parley token: {errors}");
    }

    /// <summary>Sends a message by the REST API and gives back status and body.</summary>
    public async Task<(int Status, JsonElement Body)> PostMessageAsync(
        string token, object body, CancellationToken cancellation, string? prefer = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v2/chat/message") { Content = JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (prefer is not null) request.Headers.Add("Prefer", prefer);
        using var response = await Http.SendAsync(request, cancellation);
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(cancellation));
    }

    /// <summary>A conversation's history, or null when there is none.</summary>
    public async Task<IReadOnlyList<JsonElement>?> HistoryAsync(string token, string conversation, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v2/chat/conversations/{Uri.EscapeDataString(conversation)}/history?page_size=100");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await Http.SendAsync(request, cancellation);
        if (!response.IsSuccessStatusCode) return null;
        var body = await response.Content.ReadFromJsonAsync<JsonElement>(cancellation);
        return [.. body.GetProperty("data").GetProperty("messages").EnumerateArray()];
    }

    /// <summary>How a conversation stands, or null when there is none.</summary>
    public async Task<JsonElement?> ConversationAsync(string token, string conversation, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v2/chat/conversations/{Uri.EscapeDataString(conversation)}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await Http.SendAsync(request, cancellation);
        return response.IsSuccessStatusCode ? (await response.Content.ReadFromJsonAsync<JsonElement>(cancellation)).GetProperty("data") : null;
    }

    /// <summary>SIGKILL.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>SIGTERM; the exit code.</summary>
    public Task<int> StopAsync(CancellationToken cancellation)
    {
        _process.Terminate();
        return _process.WaitAsync(cancellation);
    }

    /// <summary>Starts it again on the same data and settings, on another port.</summary>
    public async Task RestartAsync(CancellationToken cancellation)
    {
        await _process.DisposeAsync();
        _process = Launch(_arguments, _environment);
        Url = await ReadyAsync(_process, cancellation);
        Http.Dispose();
        Http = new HttpClient { BaseAddress = new Uri(Url), Timeout = TimeSpan.FromSeconds(40) };
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _process.DisposeAsync();
        Directory.Delete(Data, recursive: true);
    }

    private static ChildProcess Launch(string[] arguments, Dictionary<string, string?> environment) =>
        ChildProcess.Start("dotnet", [Program, .. arguments], environment);

    private static async Task<string> ReadyAsync(ChildProcess process, CancellationToken cancellation)
    {
        var line = await Eventually.Until(
            () => process.Output.Split('\n').FirstOrDefault(l => l.StartsWith("ready http", StringComparison.Ordinal)) ?? (process.HasExited ? "ended" : ""),
            l => l.Length > 0,
            cancellation,
            TimeSpan.FromSeconds(60));
        return line != "ended" ? line["ready ".Length..].Trim() : throw new InvalidOperationException($"parley serve ended with {process.ExitCode}:\n{process.AllOutput}");
    }
}
