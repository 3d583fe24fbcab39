using System.Text.Json.Serialization;

namespace Parley.Dispatcher.Channels.WhatsApp;

/// <summary>The body of <c>POST /{phone number id}/messages</c>, as far as we use it.</summary>
internal sealed record WhatsAppRequest
{
    public string MessagingProduct { get; init; } = "whatsapp";
    public string RecipientType { get; init; } = "individual";

    /// <summary>A phone number with its plus sign, or a group id. Exactly one of this and <see cref="Recipient"/> is set.</summary>
    public string? To { get; init; }

    /// <summary>A business-scoped user id.</summary>
    public string? Recipient { get; init; }

    public required string Type { get; init; }
    public TextBody? Text { get; init; }
    public InteractiveBody? Interactive { get; init; }

    /// <summary>The message to quote.</summary>
    public QuotedMessage? Context { get; init; }

    /// <summary>Comes back on every status of the message.</summary>
    public string? BizOpaqueCallbackData { get; init; }

    internal sealed record TextBody(string Body, bool PreviewUrl = false);

    internal sealed record InteractiveBody(string Type, Words Body, ActionBody Action);

    internal sealed record Words(string Text);

    /// <summary>Buttons for type button; Button (the label that opens the list) and Sections for type list.</summary>
    internal sealed record ActionBody(IReadOnlyList<ReplyButton>? Buttons = null, string? Button = null, IReadOnlyList<Section>? Sections = null);

    internal sealed record ReplyButton(ButtonReply Reply, string Type = "reply");

    internal sealed record ButtonReply(string Id, string Title);

    internal sealed record Section(IReadOnlyList<Row> Rows);

    internal sealed record Row(string Id, string Title, string? Description);

    internal sealed record QuotedMessage(string MessageId);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WhatsAppRequest))]
internal sealed partial class WhatsAppJson : JsonSerializerContext;
