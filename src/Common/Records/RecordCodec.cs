using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Parley.Common.Conversations;

namespace Parley.Common.Records;

/// <summary>
/// Records as CloudEvents 1.0 in the Kafka protocol binding's binary content mode: attributes in <c>ce_*</c> headers, JSON data in the value.
/// The only place that knows the encoding. See contracts/README.md and
/// <see href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md"/>.
/// </summary>
public static class RecordCodec
{
    public const string TypeHeader = "ce_type";
    public const string TraceHeader = "traceparent";

    /// <summary>Sources and types: a handful of constants, encoded once.</summary>
    private static readonly ConcurrentDictionary<string, byte[]> KnownText = new(StringComparer.Ordinal);
    private static readonly byte[] SpecVersion = "1.0"u8.ToArray();
    private static readonly byte[] JsonContentType = "application/json"u8.ToArray();

    public static KafkaRecord Encode(InboundMessage message, string source) => Encode(
        message.Key, DerivedId.Of("message", message.Tenant, message.Channel, message.Account, message.MessageId, message.Kind),
        RecordTypes.Message, source, message.ReceivedAt, message, ParleyJson.Default.InboundMessage);

    public static KafkaRecord Encode(Receipt receipt, string source) => Encode(
        receipt.Key, DerivedId.Of("receipt", receipt.Tenant, receipt.ReplyId ?? "", receipt.ProviderMessageId ?? "", receipt.Status.ToString()),
        RecordTypes.Receipt, source, receipt.At, receipt, ParleyJson.Default.Receipt);

    public static KafkaRecord Encode(ConversationCommand command, string source) => Encode(
        command.Key, command.CommandId, RecordTypes.Command, source, command.At, command, ParleyJson.Default.ConversationCommand);

    public static KafkaRecord Encode(Reply reply, string source) => Encode(
        reply.Key, reply.ReplyId, RecordTypes.Reply, source, reply.CreatedAt, reply, ParleyJson.Default.Reply);

    public static KafkaRecord Encode(ConversationEvent fact, string source) => Encode(
        fact.Key, fact.EventId, RecordTypes.Event(fact.Name), source, fact.At, fact, ParleyJson.Default.ConversationEvent);

    /// <summary>Reads a record of the inbound or outbound topic. Never throws on what a producer may have written.</summary>
    public static DecodedRecord Decode(KafkaRecord record)
    {
        var type = record.Header(TypeHeader);
        if (type is null) return new DecodedRecord.Unreadable("header ce_type is missing: the record is not a CloudEvent in binary content mode");
        if (record.Header("ce_specversion") is not "1.0") return new DecodedRecord.Unreadable("header ce_specversion is not 1.0");
        if (record.Value is not { Length: > 0 }) return new DecodedRecord.Unreadable("the record has no data");
        if (!ConversationKey.TryParse(record.Key, out var key, out var keyError)) return new DecodedRecord.Unreadable(keyError);

        try
        {
            return type switch
            {
                RecordTypes.Message => FromMessage(Read(record.Value, ParleyJson.Default.InboundMessage), key),
                RecordTypes.Receipt => FromReceipt(Read(record.Value, ParleyJson.Default.Receipt), key),
                RecordTypes.Command => FromCommand(Read(record.Value, ParleyJson.Default.ConversationCommand), key),
                RecordTypes.Reply => FromReply(Read(record.Value, ParleyJson.Default.Reply), key),
                _ => new DecodedRecord.Unreadable($"header ce_type '{Shorten(type)}' is not a type this version reads"),
            };
        }
        catch (JsonException e)
        {
            return new DecodedRecord.Unreadable($"the data is not valid: {Shorten(e.Message)}");
        }
    }

    private static T Read<T>(byte[] data, JsonTypeInfo<T> type) where T : class =>
        JsonSerializer.Deserialize(data, type) ?? throw new JsonException("the data is null");

    private static DecodedRecord FromMessage(InboundMessage message, ConversationKey key)
    {
        if (message.Key != key) return Misplaced(key, message.Key);
        if (!ChannelNames.All.Contains(message.Channel)) return new DecodedRecord.Unreadable($"channel '{Shorten(message.Channel)}' is not known");
        return Limits.Check(message) is { } problem ? new DecodedRecord.Unreadable(problem) : new DecodedRecord.OfMessage(message);
    }

    private static DecodedRecord FromReceipt(Receipt receipt, ConversationKey key)
    {
        if (receipt.Key != key) return Misplaced(key, receipt.Key);
        return receipt.ReplyId is null && receipt.ProviderMessageId is null
            ? new DecodedRecord.Unreadable("a receipt needs reply_id or provider_message_id")
            : new DecodedRecord.OfReceipt(receipt);
    }

    private static DecodedRecord FromCommand(ConversationCommand command, ConversationKey key)
    {
        if (command.Key != key) return Misplaced(key, command.Key);
        if (command.Command is not (CommandNames.Redrive or CommandNames.Skip)) return new DecodedRecord.Unreadable($"command '{Shorten(command.Command)}' is not redrive or skip");
        return command.CommandId.Length is 0 or > Limits.IdChars
            ? new DecodedRecord.Unreadable($"command_id is empty or longer than {Limits.IdChars} characters")
            : new DecodedRecord.OfCommand(command);
    }

    private static DecodedRecord FromReply(Reply reply, ConversationKey key) =>
        reply.Key == key ? new DecodedRecord.OfReply(reply) : Misplaced(key, reply.Key);

    // A record under another conversation's key would be in another lane, perhaps on another partition: its order would mean nothing.
    private static DecodedRecord.Unreadable Misplaced(ConversationKey key, ConversationKey data) =>
        new($"the key '{Shorten(key.ToRecordKey())}' is not that of tenant and conversation_id in the data ('{Shorten(data.ToRecordKey())}')");

    private static KafkaRecord Encode<T>(
        ConversationKey key, string id, string type, string source, DateTimeOffset? time, T data, JsonTypeInfo<T> json)
    {
        var headers = new List<KeyValuePair<string, byte[]>>(7)
        {
            new("ce_specversion", SpecVersion),
            new("ce_id", Encoding.UTF8.GetBytes(id)),
            new("ce_source", KnownText.GetOrAdd(source, static text => Encoding.UTF8.GetBytes(text))),
            new(TypeHeader, KnownText.GetOrAdd(type, static text => Encoding.UTF8.GetBytes(text))),
            new("content-type", JsonContentType),
        };
        if (time is { } at) headers.Add(new("ce_time", Encoding.UTF8.GetBytes(at.UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture))));
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } trace }) headers.Add(new(TraceHeader, Encoding.UTF8.GetBytes(trace)));

        return new KafkaRecord(key.ToRecordKey(), JsonSerializer.SerializeToUtf8Bytes(data, json), headers);
    }

    private static string Shorten(string text) => text.Length <= 200 ? text : text[..200] + "…";
}
