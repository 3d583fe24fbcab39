using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Parley.Common.Conversations;
using Parley.Common.Records;

namespace Parley.Unit.Properties;

public sealed class CodecProperties
{
    private static readonly DateTimeOffset Time = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_message_is_read_as_it_was_written() => Property.ForAll(Message, message =>
    {
        var read = Assert.IsType<DecodedRecord.OfMessage>(RecordCodec.Decode(RecordCodec.Encode(message, "/test"))).Message;
        Same(message, read, ParleyJson.Default.InboundMessage);
        Assert.Equal((message.Key, message.Identity, message.Kind, message.Content.Text), (read.Key, read.Identity, read.Kind, read.Content.Text));
    }, cases: 3_000);

    [Fact]
    public void A_receipt_is_read_as_it_was_written() => Property.ForAll(Receipt, receipt =>
    {
        var read = Assert.IsType<DecodedRecord.OfReceipt>(RecordCodec.Decode(RecordCodec.Encode(receipt, "/test"))).Receipt;
        Assert.Equal(receipt with { Unknown = null }, read with { Unknown = null });
        Same(receipt, read, ParleyJson.Default.Receipt);
    }, cases: 3_000);

    [Fact]
    public void A_reply_is_read_as_it_was_written() => Property.ForAll(Reply, reply =>
    {
        var read = Assert.IsType<DecodedRecord.OfReply>(RecordCodec.Decode(RecordCodec.Encode(reply, "/test"))).Reply;
        Same(reply, read, ParleyJson.Default.Reply);
        Assert.Equal((reply.ReplyId, reply.Key, reply.Seq, reply.Content.Text), (read.ReplyId, read.Key, read.Seq, read.Content.Text));
    }, cases: 3_000);

    [Fact]
    public void An_event_is_read_as_it_was_written() => Property.ForAll(Event, fact =>
    {
        var record = RecordCodec.Encode(fact, "/test");
        var read = JsonSerializer.Deserialize(record.Value, ParleyJson.Default.ConversationEvent)!;
        Assert.Equal(fact with { Unknown = null }, read with { Unknown = null });
        Assert.Equal((fact.Key.ToRecordKey(), fact.EventId, RecordTypes.Event(fact.Name)), (record.Key, record.Header("ce_id"), record.Header("ce_type")));
    }, cases: 3_000);

    [Fact]
    public void A_record_that_was_tampered_with_is_a_value_or_has_a_reason() => Property.ForAll(Tampered, record =>
    {
        if (RecordCodec.Decode(record.Value) is DecodedRecord.Unreadable(var reason)) Assert.NotEmpty(reason);
    }, cases: 5_000, draws: 100);

    [Fact]
    public void Arbitrary_bytes_have_a_reason() => Property.ForAll(
        d => new Shown(new KafkaRecord(d.OnceIn(4) ? null : d.Text(5, broken: true), d.OnceIn(4) ? null : d.Bytes(40), [.. Enumerable.Range(0, d.Below(5)).Select(_ => Header(d))])),
        record => Assert.NotEmpty(Assert.IsType<DecodedRecord.Unreadable>(RecordCodec.Decode(record.Value)).Reason), cases: 5_000, draws: 100);

    private static KeyValuePair<string, byte[]> Header(Draws d) =>
        new(d.Of("ce_type", "ce_specversion", "ce_id", d.Text(2)), d.Flip() ? Encoding.UTF8.GetBytes(d.Of("1.0", RecordTypes.Message, RecordTypes.Receipt, RecordTypes.Reply)) : d.Bytes(10));

    private static Shown Tampered(Draws d)
    {
        var record = d.Below(3) switch
        {
            0 => RecordCodec.Encode(Message(d), "/test"),
            1 => RecordCodec.Encode(Receipt(d), "/test"),
            _ => RecordCodec.Encode(Reply(d), "/test"),
        };
        var json = Encoding.UTF8.GetString(record.Value!);
        for (var n = d.From(1, 3); n > 0; n--)
        {
            // At a border of the JSON most often: that is where another meaning begins.
            var borders = json.Select((c, i) => (c, i)).Where(p => p.c is '{' or '}' or '[' or ']' or '"' or ':' or ',').Select(p => p.i).ToList();
            if (borders.Count == 0) break;
            var at = borders[d.Below(borders.Count)];
            var end = borders.Where(b => b > at).DefaultIfEmpty(at).ElementAt(Math.Min(d.Below(3), Math.Max(0, borders.Count(b => b > at) - 1)));
            var text = d.Of("null", "1", "1e999", "-0", "\"\"", "{}", "[]", "[null]", "{\"a\":null}", "\"\\ud800\"", "\\ud800", "\\u0000", "true", "", ",", "\"", "}", "]", "{\"\\udc00\":1}", "\"2026-13-01\"", "\ud83d");
            json = json[..at] + text + json[Math.Max(at, end)..];
        }

        var headers = record.Headers.ToList();
        if (d.OnceIn(6)) headers[d.Below(headers.Count)] = Header(d);
        return new Shown(record with { Value = Encoding.UTF8.GetBytes(json), Headers = headers, Key = d.OnceIn(8) ? d.Text(6, broken: true) : record.Key });
    }

    private static InboundMessage Message(Draws d) => new()
    {
        Tenant = d.Id(),
        ConversationId = d.Id(),
        Channel = d.Of(ChannelNames.All.Order(StringComparer.Ordinal).ToArray()),
        Account = d.Id(),
        Participant = new Participant(d.Id(), Maybe(d), d.Flip() ? [d.Text(3), d.Text(2)] : null),
        Thread = Maybe(d),
        MessageId = d.Id(),
        Kind = d.Of(InboundKinds.Message, InboundKinds.Edit, InboundKinds.Reaction, "another"),
        Content = new MessageContent
        {
            Type = d.Of("text", "image", "unsupported", ""),
            Text = Maybe(d),
            ChoiceId = Maybe(d),
            Media = d.Flip() ? [new MediaReference(d.Text(2), Maybe(d), Maybe(d), Maybe(d), d.Below(int.MaxValue), Maybe(d))] : null,
            Data = Json(d),
            Unknown = Extra(d),
        },
        ReplyTo = Maybe(d),
        Referral = Json(d),
        Context = Json(d),
        SentAt = d.Flip() ? At(d) : null,
        ReceivedAt = d.Flip() ? At(d) : null,
        Unknown = Extra(d),
    };

    private static Receipt Receipt(Draws d) => new()
    {
        Tenant = d.Id(),
        ConversationId = d.Id(),
        Channel = d.Text(2),
        Account = d.Text(2),
        ReplyId = d.Id(),
        ProviderMessageId = Maybe(d),
        Status = d.Of(Enum.GetValues<DeliveryStatus>()),
        Reason = Maybe(d),
        At = At(d),
        Unknown = Extra(d),
    };

    private static Reply Reply(Draws d) => new()
    {
        ReplyId = d.Id(),
        TurnId = d.Id(),
        Tenant = d.Id(),
        ConversationId = d.Id(),
        Channel = d.Text(2),
        Account = d.Text(2),
        To = d.Text(2),
        Thread = Maybe(d),
        Seq = d.Below(int.MaxValue),
        InReplyTo = [.. Enumerable.Range(0, d.Below(3)).Select(_ => d.Text(2))],
        Content = new ReplyContent { Type = d.Text(1), Text = d.Text(8), Actions = d.Flip() ? [new ReplyAction(d.Text(2), d.Text(2), Maybe(d))] : null, Unknown = Extra(d) },
        Fallback = d.Flip(),
        OwnershipEpoch = d.Below(int.MaxValue),
        CreatedAt = At(d),
        Unknown = Extra(d),
    };

    private static ConversationEvent Event(Draws d) => new()
    {
        EventId = d.Id(),
        Name = d.Id(),
        Tenant = d.Id(),
        ConversationId = d.Id(),
        Channel = d.Text(2),
        MessageId = Maybe(d),
        ReplyId = Maybe(d),
        Reason = Maybe(d),
        At = At(d),
        Unknown = Extra(d),
    };

    private static string? Maybe(Draws d) => d.Flip() ? d.Text(4) : null;

    private static DateTimeOffset At(Draws d) => Time.AddTicks(d.Below(int.MaxValue)).ToOffset(TimeSpan.FromHours(d.Below(3)));

    private static JsonElement? Json(Draws d) => d.Flip() ? Element(d) : null;

    private static JsonElement Element(Draws d) => JsonSerializer.SerializeToElement(
        d.Below(3) switch { 0 => [d.Text(3), d.Text(1)], _ => new Dictionary<string, string> { [d.Text(3)] = d.Text(4) }.Select(p => p.Key + p.Value).ToArray() });

    private static Dictionary<string, JsonElement>? Extra(Draws d) => d.OnceIn(3) ? new() { ["later_" + d.Text(2)] = Element(d) } : null;

    private static void Same<T>(T written, T read, JsonTypeInfo<T> type) => Assert.Equal(JsonSerializer.Serialize(written, type), JsonSerializer.Serialize(read, type));

    private sealed record Shown(KafkaRecord Value)
    {
        public override string ToString() =>
            $"key '{Value.Key}', headers {string.Join(' ', Value.Headers.Select(h => $"{h.Key}={Encoding.UTF8.GetString(h.Value)}"))}, value {(Value.Value is { } bytes ? Encoding.UTF8.GetString(bytes) : "none")}";
    }
}
