using System.Net;
using System.Text;
using Parley.Common.Records;
using Parley.TestKit;
using Parley.TestKit.Hosts;
using Parley.TestKit.Kafka;

namespace Parley.EndToEnd;

public sealed class BadInputTests
{
    [Theory]
    [InlineData(BrokerKind.Embedded)]
    [InlineData(BrokerKind.Apache)]
    public async Task Nothing_unverified_reaches_a_topic_and_what_is_verified_but_unreadable_is_kept(BrokerKind kind)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var broker = await TestBroker.StartAsync(kind, cancellation);
        await using var parley = await ParleyProcess.StartAsync(cancellation, TestTenant.Settings().Concat(broker.Settings).ToDictionary());

        using (var forged = await TestTenant.PostWebhookAsync(parley.Http, TestTenant.WhatsAppText("16505551234", "hello", "wamid.1"), cancellation, secret: "wrong"))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, forged.StatusCode);
        }

        foreach (var topic in Topics.All) Assert.Empty(TopicReader.ReadAll(broker.BootstrapServers, topic));

        var malformed = Encoding.UTF8.GetBytes("{\"object\":\"whatsapp_business_account\",\"entry\":[");
        using (var unreadable = await TestTenant.PostWebhookAsync(parley.Http, malformed, cancellation))
        {
            Assert.Equal(HttpStatusCode.OK, unreadable.StatusCode);
        }

        Assert.Empty(TopicReader.ReadAll(broker.BootstrapServers, Topics.Inbound));
        var dead = Assert.Single(TopicReader.ReadAll(broker.BootstrapServers, Topics.Dead));
        Assert.Equal(malformed, dead.Value);
        Assert.Equal($"webhook/whatsapp/{TestTenant.PhoneNumberId}", dead.Headers["dead_origin"]);
        Assert.NotEmpty(dead.Headers["dead_reason"]);
    }

    [Fact]
    public async Task A_broker_that_is_down_is_a_503_and_what_was_refused_can_be_sent_again_when_it_is_back()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var broker = await TestBroker.StartAsync(BrokerKind.Apache, cancellation);
        await using var parley = await ParleyProcess.StartAsync(cancellation, TestTenant.Settings().Concat(broker.Settings).ToDictionary());
        var token = TestTenant.Token();
        await broker.Server!.KillAsync();

        var message = new { user_id = "ann", conversation_id = "broker-1", message_id = "m-1", content = new { type = "text", text = "hello" } };
        var (status, body) = await parley.PostMessageAsync(token, message, cancellation);
        Assert.True(status == 503, $"{status}: {body}");
        using (var webhook = await TestTenant.PostWebhookAsync(parley.Http, TestTenant.WhatsAppText("16505551234", "hello", "wamid.1"), cancellation))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, webhook.StatusCode);
            Assert.NotNull(webhook.Headers.RetryAfter);
        }

        await broker.Server.RestartAsync(cancellation);
        (status, body) = await Eventually.Until(() => parley.PostMessageAsync(token, message, cancellation), r => r.Status == 200, cancellation, TimeSpan.FromSeconds(20));
        var history = await parley.HistoryAsync(token, "broker-1", cancellation);
        Assert.Equal(2, history!.Count);
    }
}
