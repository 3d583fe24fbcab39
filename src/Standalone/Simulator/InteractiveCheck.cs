using System.Text.Json;

namespace Parley.Standalone.Simulator;

/// <summary>Buttons and lists, by the limits of "Interactive reply buttons messages" and "Interactive list messages".</summary>
internal static class InteractiveCheck
{
    public static (string Text, IReadOnlyList<ChatButton>? Buttons, GraphError? Error) Read(JsonElement interactive)
    {
        var text = interactive.TryGetProperty("body", out var body) ? SendCheck.Text(body, "text") : null;
        if (string.IsNullOrEmpty(text)) return Wrong(GraphError.Missing("interactive['body']['text']"));
        if (!interactive.TryGetProperty("action", out var action) || action.ValueKind != JsonValueKind.Object) return Wrong(GraphError.Missing("interactive['action']"));

        return SendCheck.Text(interactive, "type") switch
        {
            "button" when text.Length > 1024 => Wrong(GraphError.NotValid("Body text length invalid. Min length: 1, Max length: 1024")),
            "button" => Buttons(text, action),
            "list" when text.Length > 4096 => Wrong(GraphError.NotValid("Body text length invalid. Min length: 1, Max length: 4096")),
            "list" => Rows(text, action),
            "cta_url" or "location_request_message" => (text, null, null),
            var type => Wrong(GraphError.NotValid($"interactive['type'] '{type}' is not known.")),
        };
    }

    private static (string, IReadOnlyList<ChatButton>?, GraphError?) Buttons(string text, JsonElement action)
    {
        var buttons = Items(action, "buttons").Select(b => Button(b.TryGetProperty("reply", out var reply) ? reply : b)).ToList();
        if (buttons.Count is 0 or > 3) return Wrong(GraphError.NotValid("Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3"));
        if (buttons.Exists(b => b.Title.Length is 0 or > 20)) return Wrong(GraphError.NotValid("Button title length invalid. Min length: 1, Max length: 20"));
        if (buttons.Exists(b => b.Id.Length is 0 or > 256)) return Wrong(GraphError.NotValid("Button id length invalid. Min length: 1, Max length: 256"));
        return IsTwice(buttons, b => b.Title) ? Wrong(GraphError.NotValid("Button titles must be unique.")) : (text, buttons, null);
    }

    private static (string, IReadOnlyList<ChatButton>?, GraphError?) Rows(string text, JsonElement action)
    {
        if (SendCheck.Text(action, "button") is not { Length: > 0 and <= 20 }) return Wrong(GraphError.NotValid("Button label length invalid. Min length: 1, Max length: 20"));

        var sections = Items(action, "sections").ToList();
        var rows = sections.SelectMany(s => Items(s, "rows")).Select(Button).ToList();
        if (sections.Count is 0 or > 10 || rows.Count is 0 or > 10) return Wrong(GraphError.NotValid("Total row count exceed max allowed count: 10"));
        if (sections.Count > 1 && sections.Exists(s => string.IsNullOrEmpty(SendCheck.Text(s, "title")))) return Wrong(GraphError.Missing("sections['title']"));
        if (rows.Exists(r => r.Title.Length is 0 or > 24)) return Wrong(GraphError.NotValid("Row title is too long. Max length: 24"));
        if (rows.Exists(r => r.Id.Length is 0 or > 200)) return Wrong(GraphError.NotValid("Row id is too long. Max length: 200"));
        if (rows.Exists(r => r.Description is { Length: > 72 })) return Wrong(GraphError.NotValid("Row description is too long. Max length: 72"));
        return IsTwice(rows, r => r.Id) ? Wrong(GraphError.NotValid("Duplicated row id.")) : (text, rows, null);
    }

    private static ChatButton Button(JsonElement json) =>
        new(SendCheck.Text(json, "id") ?? "", SendCheck.Text(json, "title") ?? "", SendCheck.Text(json, "description"));

    private static IEnumerable<JsonElement> Items(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var items) && items.ValueKind == JsonValueKind.Array
            ? items.EnumerateArray().Where(i => i.ValueKind == JsonValueKind.Object)
            : [];

    private static bool IsTwice(List<ChatButton> buttons, Func<ChatButton, string> member) =>
        buttons.Select(member).Distinct(StringComparer.Ordinal).Count() < buttons.Count;

    private static (string, IReadOnlyList<ChatButton>?, GraphError?) Wrong(GraphError error) => ("", null, error);
}
