using System.Globalization;
using System.Text.Json;
using Parley.Common.Conversations;
using Parley.Common.Records;

namespace Parley.LoadTest.Brokers;

/// <summary>The messages that topics are seeded with: real inbound records whose message id is the record's number.</summary>
internal static class SeededMessage
{
    /// <summary>Bytes of the value without its text, about.</summary>
    private const int Envelope = 330;

    private static readonly DateTimeOffset SentAt = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static string TenantId(int tenant) => "t" + tenant.ToString(CultureInfo.InvariantCulture);

    public static string AccountId(int tenant) => "site" + tenant.ToString(CultureInfo.InvariantCulture);

    public static string MessageId(int number) => "m" + number.ToString("D9", CultureInfo.InvariantCulture);

    public static KafkaRecord Encode(Load load, int number, int conversation)
    {
        var tenant = conversation % load.Tenants;
        var user = "user-" + conversation.ToString("D7", CultureInfo.InvariantCulture);
        var message = new InboundMessage
        {
            Tenant = TenantId(tenant),
            ConversationId = DerivedId.Conversation(TenantId(tenant), ChannelNames.Web, AccountId(tenant), user),
            Channel = ChannelNames.Web,
            Account = AccountId(tenant),
            Participant = new Participant(user),
            MessageId = MessageId(number),
            Content = new MessageContent { Type = "text", Text = Text(load.MessageBytes - Envelope, number) },
            Context = Context(load.MessageBytes - Envelope - Limits.TextChars, number),
            SentAt = SentAt,
            ReceivedAt = SentAt,
        };
        return RecordCodec.Encode(message, "/loadtest");
    }

    // What is longer than a text may be goes into the message's context.
    private static JsonElement? Context(int length, int number)
    {
        if (length < 20) return null;
        var parts = Enumerable.Range(0, (length / Limits.TextChars) + 1).ToDictionary(i => $"part{i}", i => Text(Math.Min(Limits.TextChars, length - (i * Limits.TextChars)), number + i));
        return JsonSerializer.SerializeToElement(parts);
    }

    /// <summary>Words that differ from message to message, so that compression has no easy time.</summary>
    private static string Text(int length, int number)
    {
        var random = new Random(number);
        return string.Create(Math.Clamp(length, 10, Limits.TextChars), random, static (span, random) =>
        {
            for (var i = 0; i < span.Length; i++) span[i] = i % 7 == 6 ? ' ' : (char)('a' + random.Next(26));
        });
    }
}
