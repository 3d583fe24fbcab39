using System.Net;
using System.Text;
using Parley.Common.Records;
using Parley.TestKit;
using Parley.TestKit.Hosts;
using Parley.TestKit.Kafka;

namespace Parley.Integration.Ingest;

/// <summary>A real Kafka that stands still for a while: what was answered 200 is in the topic, what was not is asked for again.</summary>
public sealed class BrokerOutageTests
{
    [Fact]
    public async Task Everything_accepted_around_an_outage_is_in_the_topic()
    {
        await using var broker = await TestBroker.StartAsync(BrokerKind.Apache, Stop);
        await using var app = await IngestApp.StartAsync(
            Stop, new Dictionary<string, string>(broker.Settings) { ["Ingest:PublishTimeout"] = "00:00:00.5" }, kind: null);

        Assert.Equal(HttpStatusCode.OK, await Eventually.Until(() => PostAsync(app, "wamid.before"), s => s == HttpStatusCode.OK, Stop));
        broker.Server!.Pause();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await PostAsync(app, "wamid.during"));
        broker.Server.Resume();
        Assert.Equal(HttpStatusCode.OK, await Eventually.Until(() => PostAsync(app, "wamid.during"), s => s == HttpStatusCode.OK, Stop));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(app, "wamid.after"));

        // The one that was refused may be there more than once: it is one message by its id.
        var ids = TopicReader.ReadAll(broker.BootstrapServers, Topics.Inbound).OrderBy(e => e.Offset)
            .Select(e => Assert.IsType<DecodedRecord.OfMessage>(RecordCodec.Decode(ToRecord(e))).Message.MessageId);
        Assert.Equal(["wamid.before", "wamid.during", "wamid.after"], ids.Distinct());
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static async Task<HttpStatusCode> PostAsync(IngestApp app, string id)
    {
        using var response = await TestTenant.PostWebhookAsync(app.Http, TestTenant.WhatsAppText("16505550100", "hi", id), Stop);
        return response.StatusCode;
    }

    private static KafkaRecord ToRecord(TopicReader.Entry entry) =>
        new(entry.Key, entry.Value, [.. entry.Headers.Select(h => KeyValuePair.Create(h.Key, Encoding.UTF8.GetBytes(h.Value)))]);
}
