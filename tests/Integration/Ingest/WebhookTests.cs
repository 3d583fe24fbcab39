using System.Net;
using System.Text;
using Parley.Common.Records;
using Parley.TestKit.Hosts;
using Parley.TestKit.Kafka;

namespace Parley.Integration.Ingest;

public sealed class WebhookTests(IngestAppFixture fixture) : IClassFixture<IngestAppFixture>
{
    private const string Route = $"/webhooks/whatsapp/{TestTenant.PhoneNumberId}";
    private const int MaxBytes = 3 * 1024 * 1024;
    private readonly IngestApp _app = fixture.App;

    [Fact]
    public async Task The_handshake_echoes_the_challenge_as_plain_text()
    {
        var query = $"?hub.mode=subscribe&hub.verify_token={TestTenant.VerifyToken}&hub.challenge=%3Cb%3E1158201444";
        using var response = await _app.SendAsync(HttpMethod.Get, Route + query, Stop);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("<b>1158201444", await response.Content.ReadAsStringAsync(Stop));
        Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Theory]
    [InlineData(Route + "?hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1", HttpStatusCode.Forbidden)]
    [InlineData(Route, HttpStatusCode.Forbidden)]
    [InlineData("/webhooks/whatsapp/0?hub.mode=subscribe&hub.verify_token=verify-me&hub.challenge=1", HttpStatusCode.NotFound)]
    [InlineData("/webhooks/fax/106540352242922?hub.mode=subscribe&hub.verify_token=verify-me&hub.challenge=1", HttpStatusCode.NotFound)]
    [InlineData("/webhooks/web/site", HttpStatusCode.NotFound)]
    public async Task A_handshake_that_is_not_ours_is_refused(string path, HttpStatusCode expected)
    {
        using var response = await _app.SendAsync(HttpMethod.Get, path, Stop);
        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Without_the_right_signature_nothing_reaches_Kafka()
    {
        var body = TestTenant.WhatsAppText("16505550100", "hi", "wamid.unsigned");
        var before = _app.RecordsAnywhere();
        string?[] signatures = [null, "", "sha256=", "sha256=" + new string('0', 64), "sha1=" + new string('0', 40), Signature(body)[..^1] + "x"];
        foreach (var signature in signatures) Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(body, signature));
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync([.. body, (byte)' '], Signature(body)));
        Assert.Equal(before, _app.RecordsAnywhere());
    }

    [Fact]
    public async Task A_whole_batch_is_in_the_topic_in_order_under_its_conversations_keys()
    {
        var messages = Enumerable.Range(0, 40).Select(i =>
            $$$"""{"from":"1650555{{{i % 4:0000}}}","id":"wamid.batch.{{{i}}}","timestamp":"1777896000","type":"text","text":{"body":"{{{i}}}"}}""");
        Assert.Equal(HttpStatusCode.OK, await PostAsync(Envelope(string.Join(',', messages))));

        var entries = _app.Topic(Topics.Inbound)
            .Select(e => (Entry: e, (RecordCodec.Decode(ToRecord(e)) as DecodedRecord.OfMessage)?.Message))
            .Where(e => e.Message?.MessageId.StartsWith("wamid.batch.", StringComparison.Ordinal) == true).ToList();
        Assert.Equal(40, entries.Count);
        foreach (var conversation in entries.GroupBy(e => e.Entry.Key))
        {
            var numbers = conversation.OrderBy(e => e.Entry.Offset).Select(e => int.Parse(e.Message!.Content.Text!, System.Globalization.CultureInfo.InvariantCulture)).ToList();
            Assert.Equal(10, numbers.Count);
            Assert.Equal(numbers.Order(), numbers);
            Assert.Single(conversation.Select(e => e.Entry.Partition).Distinct());
            Assert.All(conversation, e => Assert.Equal(e.Message!.Key.ToRecordKey(), e.Entry.Key));
        }
    }

    [Fact]
    public async Task Statuses_become_receipts_of_the_conversation_that_our_reply_id_names()
    {
        var status = """{"id":"wamid.out","status":"delivered","timestamp":"1777896000","recipient_id":"16505550199","biz_opaque_callback_data":"r_17.c_receipts"}""";
        Assert.Equal(HttpStatusCode.OK, await PostAsync(Envelope("", status)));
        var entry = Assert.Single(_app.Topic(Topics.Inbound), e => e.Key == "4:demo:c_receipts");
        var receipt = Assert.IsType<DecodedRecord.OfReceipt>(RecordCodec.Decode(ToRecord(entry))).Receipt;
        Assert.Equal(("r_17", "wamid.out", DeliveryStatus.Delivered), (receipt.ReplyId, receipt.ProviderMessageId, receipt.Status));
    }

    [Theory]
    [InlineData("""{"object":"whatsapp_business_account","entry":[""")]
    [InlineData("not json")]
    [InlineData("")]
    [InlineData("""{"object":"page","entry":[{"messaging":[{"message":"TEST_MESSAGE"}]}]}""")]
    public async Task A_signed_body_that_cannot_be_read_is_kept_as_it_is_and_answered_200(string text)
    {
        var body = Encoding.UTF8.GetBytes(text + " ".PadRight(text.Length % 7 + 1));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(body));
        var entry = Assert.Single(_app.Topic(Topics.Dead), e => e.Value!.SequenceEqual(body));
        Assert.Equal($"webhook/whatsapp/{TestTenant.PhoneNumberId}", entry.Headers["dead_origin"]);
        Assert.NotEmpty(entry.Headers["dead_reason"]);
    }

    [Fact]
    public async Task A_body_nested_without_end_is_kept_and_answered_200()
    {
        var body = Encoding.UTF8.GetBytes(new string('[', 10_000) + new string(']', 10_000));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(body));
        Assert.Contains(_app.Topic(Topics.Dead), e => e.Value!.SequenceEqual(body));
    }

    [Fact]
    public async Task One_bad_message_does_not_cost_the_others_and_the_body_is_kept()
    {
        var body = Envelope("""{"from":"16505550177","type":"text"},{"from":"16505550177","id":"wamid.good","timestamp":"1777896000","type":"text","text":{"body":"hi"}}""");
        Assert.Equal(HttpStatusCode.OK, await PostAsync(body));
        Assert.Contains(_app.Topic(Topics.Inbound), e => e.Text.Contains("wamid.good", StringComparison.Ordinal));
        Assert.Contains(_app.Topic(Topics.Dead), e => e.Value!.SequenceEqual(body));
    }

    [Fact]
    public async Task A_text_beyond_what_a_message_may_hold_is_kept_with_the_dead_letters()
    {
        var body = Envelope($$$"""{"from":"16505550178","id":"wamid.long","timestamp":"1777896000","type":"text","text":{"body":"{{{new string('x', 17_000)}}}"}}""");
        Assert.Equal(HttpStatusCode.OK, await PostAsync(body));
        Assert.DoesNotContain(_app.Topic(Topics.Inbound), e => e.Text.Contains("wamid.long", StringComparison.Ordinal));
        var dead = Assert.Single(_app.Topic(Topics.Dead), e => e.Value!.SequenceEqual(body));
        Assert.Contains("content.text", dead.Headers["dead_reason"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_signed_account_has_to_be_the_routes()
    {
        // One app secret signs for the accounts of many tenants: the route decides nothing that the body does not say too.
        var body = TestTenant.WhatsAppText("16505550100", "not yours", "wamid.foreign");
        var before = _app.RecordsAnywhere();
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(body, Signature(body), "/webhooks/whatsapp/999"));
        Assert.Equal(before, _app.RecordsAnywhere());
    }

    [Fact]
    public async Task A_body_is_taken_up_to_its_limit_and_refused_beyond()
    {
        var small = TestTenant.WhatsAppText("16505550101", "padded", "wamid.padded");
        byte[] largest = [.. small, .. Enumerable.Repeat((byte)' ', MaxBytes - small.Length)];
        byte[] tooLarge = [.. largest, (byte)' '];
        Assert.Equal(HttpStatusCode.OK, await PostAsync(largest));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PostAskingFirstAsync(new ByteArrayContent(tooLarge), tooLarge));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PostAskingFirstAsync(Chunked(tooLarge), tooLarge));
    }

    [Fact]
    public async Task A_body_that_is_larger_than_a_record_is_kept_in_parts()
    {
        var body = new byte[2_500_000];
        new Random(7).NextBytes(body);
        Assert.Equal(HttpStatusCode.OK, await PostAsync(body));
        var parts = _app.Topic(Topics.Dead).Where(e => e.Headers["dead_reason"].Contains(" of 3 of sha256 ", StringComparison.Ordinal))
            .OrderBy(e => e.Headers["dead_reason"], StringComparer.Ordinal).ToList();
        Assert.Equal(3, parts.Count);
        Assert.Equal(body, parts.SelectMany(p => p.Value!).ToArray());
    }

    [Fact]
    public async Task No_payload_we_know_of_gets_a_5xx()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Payloads", "whatsapp"), "*.json"))
        {
            var status = await PostAsync(await File.ReadAllBytesAsync(file, Stop));
            Assert.True(status is HttpStatusCode.OK or HttpStatusCode.Forbidden, $"{file}: {status}");
        }
    }

    [Fact]
    public async Task Success_has_no_body()
    {
        // Slack shows a body to the user; Telegram runs it as a call of its API.
        var body = TestTenant.WhatsAppText("16505550100", "hi", "wamid.nobody");
        using var response = await _app.SendAsync(HttpMethod.Post, Route, Stop, body: body, headers: ("X-Hub-Signature-256", Signature(body)));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(0, response.Content.Headers.ContentLength);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static string Signature(byte[] body) => WhatsAppCalls.Sign(body);

    private Task<HttpStatusCode> PostAsync(byte[] body) => PostAsync(body, Signature(body));

    private async Task<HttpStatusCode> PostAsync(byte[] body, string? signature, string route = Route)
    {
        (string, string)[] headers = signature is null ? [] : [("X-Hub-Signature-256", signature)];
        using var response = await _app.SendAsync(HttpMethod.Post, route, Stop, body: body, headers: headers);
        return response.StatusCode;
    }

    // With Expect: 100-continue, as the host may answer and hang up before it has the whole body.
    private async Task<HttpStatusCode> PostAskingFirstAsync(HttpContent content, byte[] body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Route) { Content = content };
        request.Headers.ExpectContinue = true;
        request.Headers.Add("X-Hub-Signature-256", Signature(body));
        using var response = await _app.Http.SendAsync(request, Stop);
        return response.StatusCode;
    }

    // Of a length that is not told beforehand.
    private static StreamContent Chunked(byte[] body) => new(System.IO.Pipelines.PipeReader.Create(new System.Buffers.ReadOnlySequence<byte>(body)).AsStream());

    private static byte[] Envelope(string messages, string statuses = "") => Encoding.UTF8.GetBytes(
        $$$"""
        {"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",
        "metadata":{"phone_number_id":"{{{TestTenant.PhoneNumberId}}}"},"messages":[{{{messages}}}],"statuses":[{{{statuses}}}]}}]}]}
        """);

    private static KafkaRecord ToRecord(TopicReader.Entry entry) =>
        new(entry.Key, entry.Value, [.. entry.Headers.Select(h => KeyValuePair.Create(h.Key, Encoding.UTF8.GetBytes(h.Value)))]);
}
