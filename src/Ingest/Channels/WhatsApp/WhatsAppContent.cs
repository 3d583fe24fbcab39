using System.Text.Json;
using Parley.Common.Records;
using Parley.Ingest.Reading;

namespace Parley.Ingest.Channels.WhatsApp;

/// <summary>What a message element says: its kind, its content, and the earlier message it is about, if any.</summary>
internal sealed record WhatsAppContent(string Kind, MessageContent Content, string? Target = null)
{
    /// <summary>Reads the object named after the type; null, with the reason, when that lacks what the type cannot be without.</summary>
    public static WhatsAppContent? Read(JsonElement message, out string problem)
    {
        var type = message.Text("type") ?? "";
        var body = message.Member(type);
        problem = $"type {type} without what it needs";
        return type switch
        {
            "text" => body?.Text("body") is { } text ? Said(new MessageContent { Type = "text", Text = text }) : null,
            "image" or "video" or "document" or "sticker" or "audio" => Media(type, body),
            "voice" => Media("audio", body),
            "location" => body is { } location ? Said(new MessageContent { Type = "location", Data = location.Clone() }) : null,
            "contacts" => body is { ValueKind: JsonValueKind.Array } cards ? Said(new MessageContent { Type = "contacts", Data = cards.Clone() }) : null,
            "interactive" => body is { } interactive ? Interactive(message, interactive) : null,
            "button" => body is { } button
                ? Said(new MessageContent { Type = "choice", Text = button.Text("text"), ChoiceId = button.Text("payload") ?? button.Text("text") })
                : null,
            "order" => body is { } order ? Said(new MessageContent { Type = "order", Text = order.Text("text"), Data = order.Clone() }) : null,
            "reaction" => body?.Id("message_id") is { } target

                // No emoji, or an empty one: the reaction was taken back.
                ? new WhatsAppContent(InboundKinds.Reaction, new MessageContent { Type = "reaction", Text = body?.Text("emoji") }, target)
                : null,
            "edit" => body is { } edit ? Edit(edit, out problem) : null,
            "revoke" => body?.Id("original_message_id") is { } gone
                ? new WhatsAppContent(InboundKinds.Delete, new MessageContent { Type = "text" }, gone)
                : null,
            "system" => new WhatsAppContent(InboundKinds.System, new MessageContent { Type = "text", Text = body?.Text("body"), Data = body?.Clone() }),

            // The user did say something, but the API cannot show it: the engine may tell them so.
            "unsupported" or "unknown" => Said(Unsupported(message, type)),

            // A type this version does not know: kept, and nobody is answered for it.
            _ => new WhatsAppContent(InboundKinds.System, Unsupported(message, type)),
        };
    }

    private static WhatsAppContent Said(MessageContent content) => new(InboundKinds.Message, content);

    private static WhatsAppContent? Media(string type, JsonElement? body)
    {
        if (body is not { } media || media.Id("id") is not { } id) return null;

        return Said(new MessageContent
        {
            Type = type,
            Text = media.Text("caption"),
            Media = [new MediaReference(id, media.Text("mime_type"), media.Text("sha256"), media.Text("filename"), Url: media.Text("url"))],
            Data = JsonMembers.ObjectOf(("voice", media.Member("voice")), ("animated", media.Member("animated"))),
        });
    }

    private static WhatsAppContent Interactive(JsonElement message, JsonElement interactive)
    {
        var kind = interactive.Text("type") ?? "";
        return (kind, interactive.Object(kind)) switch
        {
            ("button_reply" or "list_reply", { } chosen) => Said(new MessageContent
            {
                Type = "choice",
                Text = chosen.Text("title"),
                ChoiceId = chosen.Id("id") ?? chosen.Text("title"),
                Data = JsonMembers.ObjectOf(("description", chosen.Member("description"))),
            }),

            // The answers of a form stand in response_json, a string that need not hold an object: passed on as it is.
            ("nfm_reply", { } form) => Said(new MessageContent
            {
                Type = "choice", Text = form.Text("body"), ChoiceId = form.Text("name") ?? kind, Data = form.Clone(),
            }),
            _ => new WhatsAppContent(InboundKinds.System, Unsupported(message, "interactive")),
        };
    }

    private static WhatsAppContent? Edit(JsonElement edit, out string problem)
    {
        problem = "type edit without original_message_id or message";
        if (edit.Id("original_message_id") is not { } original || edit.Object("message") is not { } changed) return null;
        return Read(changed, out problem) is { } said ? new WhatsAppContent(InboundKinds.Edit, said.Content, original) : null;
    }

    private static MessageContent Unsupported(JsonElement message, string type) => new()
    {
        Type = "unsupported",
        Data = JsonMembers.ObjectOf(
            ("type", message.Member("type")), (type.Length > 0 ? type : "body", message.Member(type)), ("errors", message.Member("errors"))),
    };
}
