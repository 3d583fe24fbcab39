using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Parley.Standalone.CommandLine;
using Parley.Standalone.Serving;

namespace Parley.Integration.Standalone;

/// <summary>Everything in this process on a new data folder, shared by the tests of a class: a start takes a second.</summary>
public sealed class RunningStandalone : IAsyncLifetime
{
    private StandaloneHost _host = null!;

    public string Data { get; } = Directory.CreateTempSubdirectory("parley-data-").FullName;

    public HttpClient Http { get; private set; } = null!;

    public string BootstrapServers => _host.BootstrapServers;

    public StandaloneHost Host => _host;

    public async ValueTask InitializeAsync()
    {
        _host = await StandaloneHost.StartAsync(new ServeOptions { Port = 0, Data = Data, Settings = ["--Simulator:StatusDelay=00:00:00.020"] }, CancellationToken.None);
        Http = new HttpClient { BaseAddress = _host.Url };
        var demo = JsonSerializer.Deserialize(await File.ReadAllBytesAsync(DataFolder.DemoTenantIn(Data)), DemoJson.Default.DemoFile)!.Tenants[0];
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer", ApiToken.Sign(new ApiToken.Claims(demo.Id, "tests"), demo.JwtSecrets[0], TimeSpan.FromHours(1), TimeProvider.System));
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _host.DisposeAsync();
        Directory.Delete(Data, recursive: true);
    }

    /// <summary>Says something by REST; the answer's data.</summary>
    public async Task<JsonElement> SayAsync(string user, string text, CancellationToken cancellation)
    {
        using var response = await Http.PostAsJsonAsync(
            "/api/v2/chat/message", new { user_id = user, channel = "web", content = new { type = "text", text } }, cancellation);
        Assert.Equal(System.Net.HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(cancellation)).GetProperty("data");
    }

    public async Task<JsonElement> GetAsync(string path, CancellationToken cancellation) => await Http.GetFromJsonAsync<JsonElement>(path, cancellation);
}
