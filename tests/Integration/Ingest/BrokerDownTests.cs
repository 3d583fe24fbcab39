using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Parley.Common.Records;
using Parley.Ingest.Publishing;
using Parley.TestKit.Hosts;

namespace Parley.Integration.Ingest;

/// <summary>What is not durable is not accepted: the provider or the caller is told to come again.</summary>
public sealed class BrokerDownTests
{
    [Fact]
    public async Task A_webhook_is_answered_503_within_three_seconds_while_the_broker_is_away()
    {
        await using var app = await IngestApp.StartAsync(Stop, new Dictionary<string, string> { ["Kafka:MessageTimeout"] = "00:00:03" }, kind: null);
        var clock = Stopwatch.StartNew();
        using var response = await TestTenant.PostWebhookAsync(app.Http, TestTenant.WhatsAppText("16505550100", "hi", "wamid.1"), Stop);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(3));
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task So_is_a_signed_body_that_cannot_be_read_as_it_cannot_be_kept()
    {
        await using var app = await IngestApp.StartAsync(Stop, Impatient, kind: null);
        using var response = await TestTenant.PostWebhookAsync(app.Http, "not json"u8.ToArray(), Stop);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    [Fact]
    public async Task So_is_an_API_message_and_it_says_when_to_come_again()
    {
        await using var app = await IngestApp.StartAsync(Stop, Impatient, kind: null);
        using var response = await app.SendAsync(
            HttpMethod.Post, "/api/v2/chat/message", Stop, IngestApp.Token(), new { user_id = "u1", content = new { type = "text", text = "hi" } });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(5), response.Headers.RetryAfter?.Delta);
        Assert.Equal("the message could not be stored", (await IngestApp.JsonAsync(response, Stop)).GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_broker_without_room_is_not_given_more()
    {
        await using var app = await IngestApp.StartAsync(Stop);
        var limit = app.Services.GetRequiredService<BacklogLimit>();
        var asked = 0;
        limit.Judge = bytes =>
        {
            asked = bytes;
            return TimeSpan.FromSeconds(7);
        };
        var body = TestTenant.WhatsAppText("16505550100", "hi", "wamid.full");
        using (var refused = await TestTenant.PostWebhookAsync(app.Http, body, Stop))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(7), refused.Headers.RetryAfter?.Delta);
        }

        Assert.Equal(0, app.RecordsAnywhere());
        Assert.InRange(asked, 100, 5000);

        limit.Judge = _ => null;
        using var accepted = await TestTenant.PostWebhookAsync(app.Http, body, Stop);
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
        Assert.Single(app.Topic(Topics.Inbound));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static Dictionary<string, string> Impatient => new() { ["Ingest:PublishTimeout"] = "00:00:00.2", ["Kafka:MessageTimeout"] = "00:00:01" };
}
