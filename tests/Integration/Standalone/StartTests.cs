using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Parley.Standalone.Serving;

namespace Parley.Integration.Standalone;

public sealed class StartTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("parley-data-").FullName;

    [Fact]
    public async Task A_second_start_on_the_same_data_keeps_history_and_tokens()
    {
        await using (var first = await StandaloneHost.StartAsync(new ServeOptions { Port = 0, Data = _data }, Token))
        {
            await SayAsync(first, "ORD123456");
        }

        await using var second = await StandaloneHost.StartAsync(new ServeOptions { Port = 0, Data = _data }, Token);
        var answer = await SayAsync(second, "what's in it?");

        Assert.StartsWith("Order ORD123456:", answer.GetProperty("response").GetProperty("content").GetString(), StringComparison.Ordinal);
        using var http = Client(second);
        var history = await http.GetFromJsonAsync<JsonElement>($"/api/v2/chat/conversations/{answer.GetProperty("conversation_id").GetString()}/history", Token);
        Assert.Equal(4, history.GetProperty("data").GetProperty("total_messages").GetInt32());
    }

    [Fact]
    public async Task What_was_accepted_before_a_stop_is_answered_before_the_end()
    {
        string conversation;
        await using (var first = await StandaloneHost.StartAsync(new ServeOptions { Port = 0, Data = _data }, Token))
        {
            using var http = Client(first);
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v2/chat/message") { Content = JsonContent.Create(new { user_id = "late", content = new { type = "text", text = "hi" } }) };
            request.Headers.Add("Prefer", "respond-async");
            using var accepted = await http.SendAsync(request, Token);
            Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
            conversation = (await accepted.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("data").GetProperty("conversation_id").GetString()!;
        }

        await using var second = await StandaloneHost.StartAsync(new ServeOptions { Port = 0, Data = _data }, Token);
        using var reader = Client(second);
        var history = await reader.GetFromJsonAsync<JsonElement>($"/api/v2/chat/conversations/{conversation}/history", Token);
        Assert.Equal(2, history.GetProperty("data").GetProperty("total_messages").GetInt32());
    }

    [Fact]
    public async Task Two_on_the_same_data_are_refused()
    {
        await using var first = await StandaloneHost.StartAsync(new ServeOptions { Port = 0, Data = _data }, Token);

        Assert.Contains("is in use by another parley", await ProblemAsync(new ServeOptions { Port = 0, Data = _data }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        Assert.Equal($"port {port} is in use (--port; 0 takes any free one)", await ProblemAsync(new ServeOptions { Port = port, Data = _data }));
    }

    [Theory]
    [InlineData("--Kafka:Partitions=many", "Kafka:Partitions")]
    [InlineData("--Engine:Permits=0", "Permits")]
    [InlineData("--Store:Kind=oracle", "Store:Kind is 'oracle'")]
    [InlineData("--Tenants:0:Id=UPPER", "Tenants:0:Id")]
    [InlineData("--Simulator:StatusDelay=-00:00:01", "StatusDelay")]
    public async Task A_wrong_setting_is_named_in_one_line(string setting, string named)
    {
        var problem = await ProblemAsync(new ServeOptions { Port = 0, Data = _data, Settings = [setting] });

        Assert.Contains(named, problem, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', problem);
    }

    [Fact]
    public async Task A_broken_tenants_file_is_named()
    {
        await File.WriteAllTextAsync(DataFolder.DemoTenantIn(_data), "{ not json", Token);

        Assert.Contains("demo.json", await ProblemAsync(new ServeOptions { Port = 0, Data = _data }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_failed_start_folder_and_port_are_free_again()
    {
        await ProblemAsync(new ServeOptions { Port = 0, Data = _data, Settings = ["--Store:Kind=oracle"] });

        await using var host = await StandaloneHost.StartAsync(new ServeOptions { Port = 0, Data = _data }, Token);
        Assert.Equal("http", host.Url.Scheme);
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task<string> ProblemAsync(ServeOptions options) =>
        (await Assert.ThrowsAsync<CannotStartException>(() => StandaloneHost.StartAsync(options, Token))).Message;

    private HttpClient Client(StandaloneHost host)
    {
        var demo = JsonSerializer.Deserialize(File.ReadAllBytes(DataFolder.DemoTenantIn(_data)), DemoJson.Default.DemoFile)!.Tenants[0];
        var token = Parley.Standalone.CommandLine.ApiToken.Sign(new(demo.Id, "tests"), demo.JwtSecrets[0], TimeSpan.FromHours(1), TimeProvider.System);
        var http = new HttpClient { BaseAddress = host.Url };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return http;
    }

    private async Task<JsonElement> SayAsync(StandaloneHost host, string text)
    {
        using var http = Client(host);
        using var response = await http.PostAsJsonAsync("/api/v2/chat/message", new { user_id = "ada", content = new { type = "text", text } }, Token);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("data");
    }
}
