using System.Net;
using System.Net.Http.Json;
using Confluent.Kafka;
using Parley.Common.Records;
using Parley.Standalone.Serving;
using Parley.TestKit;

namespace Parley.Integration.Standalone;

public sealed class BacklogTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("parley-data-").FullName;

    [Fact]
    public async Task Ingest_refuses_while_too_much_waits_in_the_embedded_broker_and_takes_messages_again_afterwards()
    {
        // An engine that is not there: what is on the topic waits until the fallback text goes out.
        await using var host = await StandaloneHost.StartAsync(
            new ServeOptions { Port = 0, Data = _data, Settings = ["--Engine:Address=http://127.0.0.1:9", "--Engine:FallbackAfter=00:00:01", "--Logging:LogLevel:Default=None"] }, Token);
        using var http = new HttpClient { BaseAddress = host.Url };
        http.DefaultRequestHeaders.Authorization = new("Bearer", Parley.Standalone.CommandLine.ApiToken.Sign(
            new(DemoTenant.Id, "tests"), await SecretAsync(), TimeSpan.FromHours(1), TimeProvider.System));

        await FloodAsync(host.BootstrapServers, partition: 0, megabytes: 3);

        using var refused = await Eventually.Until(() => PostAsync(http), r => r.StatusCode == HttpStatusCode.ServiceUnavailable, Token);
        Assert.Equal("1", refused.Headers.GetValues("Retry-After").Single());
        using var taken = await Eventually.Until(() => PostAsync(http), r => r.StatusCode == HttpStatusCode.Accepted, Token);
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task<string> SecretAsync() => System.Text.Json.JsonSerializer.Deserialize(
        await File.ReadAllBytesAsync(DataFolder.DemoTenantIn(_data), Token), DemoJson.Default.DemoFile)!.Tenants[0].JwtSecrets[0];

    private static async Task FloodAsync(string servers, int partition, int megabytes)
    {
        using var producer = new ProducerBuilder<string, byte[]>(new ProducerConfig { BootstrapServers = servers, LingerMs = 20 }).Build();
        await Task.WhenAll(Enumerable.Range(0, megabytes * 64).Select(i =>
        {
            var message = Messages.Text(new string('x', Limits.TextChars), $"flood-{i}", tenant: DemoTenant.Id, account: DemoTenant.Site);
            var record = RecordCodec.Encode(message, "/test");
            var headers = new Headers();
            foreach (var (name, value) in record.Headers) headers.Add(name, value);
            return producer.ProduceAsync(new TopicPartition(Topics.Inbound, partition), new Message<string, byte[]> { Key = record.Key!, Value = record.Value!, Headers = headers }, Token);
        }));
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient http)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v2/chat/message") { Content = JsonContent.Create(new { user_id = "flood", content = new { type = "text", text = "x" } }) };
        request.Headers.Add("Prefer", "respond-async");
        return await http.SendAsync(request, Token);
    }
}
