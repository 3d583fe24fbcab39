using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Parley.Common.Conversations;
using Parley.Standalone.Serving;
using Parley.TestKit;
using Parley.TestKit.Kafka;

namespace Parley.Integration.Standalone;

public sealed class RoundTripTests(RunningStandalone parley) : IClassFixture<RunningStandalone>
{
    [Fact]
    public async Task A_message_by_rest_is_answered_by_the_demo_engine_which_remembers()
    {
        var first = await parley.SayAsync("rest", "Where is my order ORD123456?", Token);
        var second = await parley.SayAsync("rest", "what's in it?", Token);

        Assert.Contains("Order ORD123456", first.GetProperty("response").GetProperty("content").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("Order ORD123456: 2 × Set of 3 beeswax candles", second.GetProperty("response").GetProperty("content").GetString(), StringComparison.Ordinal);
        Assert.Equal("order-assistant", second.GetProperty("processing_metadata").GetProperty("model_used").GetString());
    }

    [Fact]
    public async Task A_message_typed_on_a_simulated_phone_is_answered_there_and_read()
    {
        await TypeAsync(new { from = "15550111", name = "Grace Hopper", text = "Hi" });

        var reply = await ReplyToAsync("15550111", "read");

        Assert.StartsWith("Hello Grace!", reply.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal(3, reply.GetProperty("buttons").GetArrayLength());
        var history = await HistoryAsync(DerivedId.Conversation(DemoTenant.Id, ChannelNames.WhatsApp, DemoTenant.PhoneNumberId, "15550111"), "read");
        Assert.Equal(["inbound", "outbound"], history.Select(m => m.GetProperty("direction").GetString()));
    }

    [Fact]
    public async Task A_button_pressed_on_a_simulated_phone_is_understood()
    {
        await TypeAsync(new { from = "15550112", text = "status of ORD123454" });
        var status = await ReplyToAsync("15550112", "read");
        var cancel = status.GetProperty("buttons")[0];

        await TypeAsync(new { from = "15550112", type = "choice", choice = new { id = cancel.GetProperty("id").GetString(), title = cancel.GetProperty("title").GetString() }, reply_to = status.GetProperty("id").GetString() });

        await Eventually.Until(() => SentToAsync("15550112"), sent => sent.Count == 2 && sent[1].GetProperty("text").GetString()!.StartsWith("Shall I cancel", StringComparison.Ordinal), Token);
    }

    [Fact]
    public async Task A_failing_number_brings_its_error_into_the_history()
    {
        await TypeAsync(new { from = "1555131047", text = "Hi" });

        var history = await HistoryAsync(DerivedId.Conversation(DemoTenant.Id, ChannelNames.WhatsApp, DemoTenant.PhoneNumberId, "1555131047"), "failed");

        Assert.Contains("131047", history[^1].GetProperty("delivery").GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_of_another_producer_is_a_message_like_any_other()
    {
        var key = new ConversationKey(DemoTenant.Id, DerivedId.Conversation(DemoTenant.Id, ChannelNames.Web, DemoTenant.Site, "kafka"));
        var data = $$$"""{"tenant":"demo","conversation_id":"{{{key.ConversationId}}}","channel":"web","account":"demo-shop","participant":{"id":"kafka"},"message_id":"k1","content":{"type":"text","text":"track ORD123459"}}""";

        await ProduceAsync(key, "parley.message.v1", data);

        var history = await HistoryAsync(key.ConversationId, "accepted");
        Assert.Contains("travels with", history[^1].GetProperty("content").GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_acceptance_that_the_ledger_has_is_told_at_once_and_not_behind_what_the_channel_said_since()
    {
        await TypeAsync(new { from = "15550113", text = "Hi" });
        await ReplyToAsync("15550113", "read");
        var key = new ConversationKey(DemoTenant.Id, DerivedId.Conversation(DemoTenant.Id, ChannelNames.WhatsApp, DemoTenant.PhoneNumberId, "15550113"));
        var read = await Eventually.Until(() => FactsOf(key), facts => facts.Any(f => f.Name == "reply-read"), Token);
        var replied = read[^1].Reply;

        await AcceptAsync(key, replied!);
        await AcceptAsync(key, "r_of_no_row");

        var told = await Eventually.Until(() => FactsOf(key), facts => facts.Any(f => f.Reply == "r_of_no_row"), Token);
        Assert.Equal(("reply-sent", "r_of_no_row"), told[^1]);
        Assert.Equal(read, told.SkipLast(1));
    }

    [Fact]
    public async Task Everything_is_healthy()
    {
        var health = await parley.GetAsync("/api/v2/health", Token);

        Assert.Equal("healthy", health.GetProperty("status").GetString());
        Assert.Equal(parley.BootstrapServers, (await parley.GetAsync(LocalEndpoint.Path, Token)).GetProperty("kafka_bootstrap_servers").GetString());
    }

    [Theory]
    [InlineData("Host", "evil.example")]
    [InlineData("Origin", "http://evil.example")]
    public async Task Pages_of_other_sites_cannot_use_what_is_for_this_machine(string header, string value)
    {
        foreach (var path in new[] { "/local", "/simulator", "/simulator/whatsapp/sent" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation(header, value);
            using var response = await parley.Http.SendAsync(request, Token);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
    }

    [Fact]
    public async Task The_simulator_wants_the_accounts_token()
    {
        using var wrong = await parley.Http.PostAsJsonAsync($"/simulator/whatsapp/v25.0/{DemoTenant.PhoneNumberId}/messages", new { messaging_product = "whatsapp" }, Token);
        using var unknown = await parley.Http.PostAsJsonAsync("/simulator/whatsapp/v25.0/123/messages", new { messaging_product = "whatsapp" }, Token);

        Assert.Equal((HttpStatusCode.Unauthorized, 190), (wrong.StatusCode, await CodeAsync(wrong)));
        Assert.Equal((HttpStatusCode.BadRequest, 100), (unknown.StatusCode, await CodeAsync(unknown)));
    }

    [Fact]
    public async Task The_page_and_its_files_are_served()
    {
        foreach (var (path, type) in new[] { ("/simulator", "text/html"), ("/simulator/app.js", "text/javascript"), ("/simulator/style.css", "text/css"), ("/simulator/icon.svg", "image/svg+xml") })
        {
            using var response = await parley.Http.GetAsync(path, Token);
            Assert.Equal(type, response.Content.Headers.ContentType!.MediaType);
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task<int> CodeAsync(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error").GetProperty("code").GetInt32();

    private async Task ProduceAsync(ConversationKey key, string type, string data)
    {
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = parley.BootstrapServers, Partitioner = Partitioner.Murmur2Random }).Build();
        var headers = new Headers();
        foreach (var (name, value) in new[] { ("ce_specversion", "1.0"), ("ce_id", "1"), ("ce_source", "/test"), ("ce_type", type) }) headers.Add(name, Encoding.UTF8.GetBytes(value));
        await producer.ProduceAsync("parley.inbound", new Message<string, string> { Key = key.ToRecordKey(), Value = data, Headers = headers }, Token);
    }

    private Task AcceptAsync(ConversationKey key, string reply) => ProduceAsync(
        key, "parley.receipt.v1",
        $$$"""{"tenant":"demo","conversation_id":"{{{key.ConversationId}}}","channel":"whatsapp","account":"{{{DemoTenant.PhoneNumberId}}}","reply_id":"{{{reply}}}","status":"accepted","at":"{{{DateTimeOffset.UtcNow:O}}}","recorded":true}""");

    /// <summary>What was told of the replies of a conversation, in order.</summary>
    private Task<List<(string? Name, string? Reply)>> FactsOf(ConversationKey key) => Task.FromResult<List<(string?, string?)>>(
    [
        .. TopicReader.ReadAll(parley.BootstrapServers, "parley.events").Where(e => e.Key == key.ToRecordKey()).Select(e => JsonDocument.Parse(e.Text).RootElement)
            .Where(fact => fact.TryGetProperty("reply_id", out _)).Select(fact => (fact.GetProperty("name").GetString(), fact.GetProperty("reply_id").GetString())),
    ]);

    private async Task TypeAsync(object typed)
    {
        using var response = await parley.Http.PostAsJsonAsync("/simulator/whatsapp/type", typed, Token);
        Assert.Equal(200, (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("status").GetInt32());
    }

    private async Task<JsonElement> ReplyToAsync(string user, string status)
    {
        var sent = await Eventually.Until(() => SentToAsync(user), s => s.Count > 0 && s[0].GetProperty("status").GetString() == status, Token);
        return sent[0];
    }

    private async Task<List<JsonElement>> SentToAsync(string user) =>
        [.. (await parley.GetAsync("/simulator/whatsapp/sent", Token)).EnumerateArray().Where(m => m.GetProperty("user").GetString() == user)];

    /// <summary>The history once its last entry has come so far.</summary>
    private Task<List<JsonElement>> HistoryAsync(string conversation, string delivery) => Eventually.Until(
        async () =>
        {
            using var response = await parley.Http.GetAsync($"/api/v2/chat/conversations/{conversation}/history", Token);
            if (!response.IsSuccessStatusCode) return [];
            var body = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
            return body.GetProperty("data").GetProperty("messages").EnumerateArray().ToList();
        },
        history => history.Count > 0 && history[^1].TryGetProperty("delivery", out var d) && d.GetProperty("status").GetString() == delivery,
        Token);
}
