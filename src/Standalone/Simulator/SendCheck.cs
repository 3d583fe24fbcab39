using System.Text.Json;

namespace Parley.Standalone.Simulator;

/// <summary>What a valid body of <c>POST /{phone number id}/messages</c> says.</summary>
/// <param name="User">Digits, or a business-scoped user id.</param>
internal sealed record SimulatedSend(string Input, string User, string Type, string Text, IReadOnlyList<ChatButton>? Buttons, string? CallbackData);

/// <summary>Checks a body by the Cloud API's rules and limits ("Messages", reference of v25.0). Pure.</summary>
internal static class SendCheck
{
    private static readonly string[] OtherTypes = ["image", "video", "audio", "document", "sticker", "location", "contacts", "template", "reaction"];

    /// <summary>What is to be sent, or the error that the real API would answer.</summary>
    public static (SimulatedSend? Send, GraphError? Error) Read(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object) return (null, GraphError.InvalidParameter("The request body is not a JSON object."));
        if (Text(body, "messaging_product") != "whatsapp") return (null, new GraphError(400, 100, "(#100) Param messaging_product must be one of {WHATSAPP} - got \"\"."));
        if (Text(body, "recipient_type") is not (null or "individual" or "group")) return (null, GraphError.InvalidParameter("recipient_type must be individual or group."));

        var input = Text(body, "to") ?? Text(body, "recipient");
        if (string.IsNullOrEmpty(input)) return (null, GraphError.Missing("to"));
        if (UserOf(input, body) is not { } user) return (null, GraphError.NotValid($"'{input}' is not a phone number, user id or group id."));

        var callback = Text(body, "biz_opaque_callback_data");
        if (callback is { Length: > 512 }) return (null, GraphError.InvalidParameter("Param biz_opaque_callback_data must be at most 512 characters long."));

        var type = Text(body, "type") ?? "text";
        var content = body.TryGetProperty(type, out var value) && value.ValueKind == JsonValueKind.Object ? value : default;
        if (content.ValueKind != JsonValueKind.Object && type != "contacts") return (null, GraphError.Missing(type));

        var (text, buttons, error) = type switch
        {
            "text" => CheckText(content),
            "interactive" => InteractiveCheck.Read(content),
            _ when OtherTypes.Contains(type) => (Text(content, "caption") ?? "", null, null),
            _ => ("", null, GraphError.InvalidParameter($"type '{type}' is not one of text, interactive, {string.Join(", ", OtherTypes)}.")),
        };
        return error is null ? (new SimulatedSend(input, user, type, text, buttons, callback), null) : (null, error);
    }

    internal static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static (string, IReadOnlyList<ChatButton>?, GraphError?) CheckText(JsonElement text) => Text(text, "body") switch
    {
        null or "" => ("", null, GraphError.Missing("text['body']")),
        { Length: > 4096 } => ("", null, GraphError.InvalidParameter("Param text['body'] must be at most 4096 characters long.")),
        var words => (words, null, null),
    };

    private static string? UserOf(string input, JsonElement body)
    {
        // Groups, and user ids such as US.13491208655302741918.
        if (Text(body, "recipient_type") == "group" || (input.Length > 3 && input[2] == '.' && char.IsAsciiLetterUpper(input[0]))) return input;

        var digits = string.Concat(input.Where(char.IsAsciiDigit));
        return digits.Length is >= 7 and <= 15 && input.All(c => char.IsAsciiDigit(c) || c is '+' or ' ' or '-' or '(' or ')') ? digits : null;
    }
}
