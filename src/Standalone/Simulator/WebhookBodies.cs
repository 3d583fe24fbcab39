using System.Globalization;
using System.Text.Json.Nodes;

namespace Parley.Standalone.Simulator;

/// <summary>Bodies of webhooks as WhatsApp posts them.</summary>
internal static class WebhookBodies
{
    /// <summary>What a user typed. The fields that do not matter for the type are left out.</summary>
    public static byte[] Message(string account, string id, TypedMessage typed, DateTimeOffset at)
    {
        var message = new JsonObject { ["from"] = typed.From, ["id"] = id, ["timestamp"] = Seconds(at) };
        if (typed.ReplyTo is { } answered) message["context"] = new JsonObject { ["from"] = account, ["id"] = answered };
        var (type, content) = Content(typed);
        message["type"] = type;
        message[type] = content;
        return Envelope(account, new JsonObject
        {
            ["contacts"] = new JsonArray(new JsonObject { ["profile"] = new JsonObject { ["name"] = typed.Name ?? typed.From }, ["wa_id"] = typed.From }),
            ["messages"] = new JsonArray(message),
        });
    }

    /// <summary>How far a message of the business has come.</summary>
    public static byte[] Status(ChatMessage message, string status, DateTimeOffset at, (int Code, string Title, string Details)? error)
    {
        var entry = new JsonObject { ["id"] = message.Id, ["status"] = status, ["timestamp"] = Seconds(at) };
        entry[message.User.All(char.IsAsciiDigit) ? "recipient_id" : "recipient_user_id"] = message.User;
        if (message.BizOpaqueCallbackData is { } data) entry["biz_opaque_callback_data"] = data;
        if (error is var (code, title, details))
        {
            entry["errors"] = new JsonArray(new JsonObject
            {
                ["code"] = code, ["title"] = title, ["message"] = title, ["error_data"] = new JsonObject { ["details"] = details },
            });
        }

        return Envelope(message.Account, new JsonObject { ["statuses"] = new JsonArray(entry) });
    }

    private static (string Type, JsonObject Content) Content(TypedMessage typed) => typed.Type switch
    {
        "choice" => ("interactive", new JsonObject
        {
            ["type"] = "button_reply", ["button_reply"] = new JsonObject { ["id"] = typed.Choice?.Id, ["title"] = typed.Choice?.Title },
        }),
        "image" => ("image", Media("image/jpeg", typed.Text)),
        "audio" => ("audio", Media("audio/ogg; codecs=opus", null)),
        "sticker" => ("sticker", Media("image/webp", null)),
        "location" => ("location", new JsonObject { ["latitude"] = 48.2082, ["longitude"] = 16.3738, ["name"] = "Town Hall", ["address"] = "1 Main Square, Springfield" }),
        _ => ("text", new JsonObject { ["body"] = typed.Text }),
    };

    private static JsonObject Media(string mimeType, string? caption)
    {
        var media = new JsonObject { ["id"] = "1000000000000001", ["mime_type"] = mimeType, ["sha256"] = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" };
        if (!string.IsNullOrEmpty(caption)) media["caption"] = caption;
        return media;
    }

    private static byte[] Envelope(string account, JsonObject value)
    {
        value["messaging_product"] = "whatsapp";
        value["metadata"] = new JsonObject { ["display_phone_number"] = account, ["phone_number_id"] = account };
        var body = new JsonObject
        {
            ["object"] = "whatsapp_business_account",
            ["entry"] = new JsonArray(new JsonObject
            {
                ["id"] = "simulator", ["changes"] = new JsonArray(new JsonObject { ["field"] = "messages", ["value"] = value }),
            }),
        };
        return System.Text.Encoding.UTF8.GetBytes(body.ToJsonString());
    }

    private static string Seconds(DateTimeOffset at) => at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
}
