using System.Net;

namespace Parley.Integration.Ingest;

public sealed class HealthTests
{
    [Fact]
    public async Task Tells_each_part_without_a_token()
    {
        await using var app = await IngestApp.StartAsync(Stop);
        using var response = await app.SendAsync(HttpMethod.Get, "/api/v2/health", Stop);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var health = await IngestApp.JsonAsync(response, Stop);
        Assert.Equal(
            ("healthy", "healthy", "healthy", "healthy"),
            (health.GetProperty("status").GetString(), health.GetProperty("databases").GetProperty("store").GetString(),
                health.GetProperty("broker").GetString(), health.GetProperty("backplane").GetString()));
        Assert.True(health.TryGetProperty("timestamp", out _));
        Assert.False(health.TryGetProperty("engine", out _));
        foreach (var probe in new[] { "live", "ready" })
        {
            using var answer = await app.SendAsync(HttpMethod.Get, $"/api/v2/health/{probe}", Stop);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Without_the_broker_the_host_lives_but_is_not_ready()
    {
        await using var app = await IngestApp.StartAsync(Stop, kind: null);
        var readying = app.SendAsync(HttpMethod.Get, "/api/v2/health/ready", Stop);
        using var health = await app.SendAsync(HttpMethod.Get, "/api/v2/health", Stop);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        var body = await health.Content.ReadAsStringAsync(Stop);
        Assert.Contains("\"status\":\"unhealthy\"", body, StringComparison.Ordinal);
        Assert.Contains("\"broker\":\"unhealthy\"", body, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", body, StringComparison.Ordinal);

        using var ready = await readying;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        using var live = await app.SendAsync(HttpMethod.Get, "/api/v2/health/live", Stop);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;
}
