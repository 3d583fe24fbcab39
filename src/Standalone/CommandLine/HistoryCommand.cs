using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Parley.Standalone.CommandLine;

/// <summary><c>parley history</c></summary>
internal static class HistoryCommand
{
    private static readonly Argument<string> Conversation = new("conversation") { Description = "Its id, c_…" };

    public static Command Create()
    {
        var command = new Command("history", "Shows a conversation: what was said, and how far each reply has come")
        {
            Conversation, Options.Url, Options.Data, Options.Tenant, Options.Token, Options.Secret, Options.Json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var messages = await ReadAsync(parsed, cancellation);
            if (parsed.GetValue(Options.Json))
            {
                Console.Out.WriteLine(new JsonObject
                {
                    ["conversation_id"] = parsed.GetValue(Conversation),
                    ["messages"] = new JsonArray([.. messages.Select(m => JsonNode.Parse(m.GetRawText()))]),
                }.ToJsonString());
                return 0;
            }

            foreach (var message in messages) Console.Out.WriteLine(Line(message));
            return 0;
        });
        return command;
    }

    /// <summary>One message in a line (further lines of its text are indented): time, direction, text, delivery.</summary>
    internal static string Line(JsonElement message)
    {
        var content = message.GetProperty("content");
        var text = content.TryGetProperty("text", out var said) && said.ValueKind == JsonValueKind.String ? said.GetString()! : $"[{content.GetProperty("type")}]";
        var at = message.TryGetProperty("timestamp", out var time) && time.TryGetDateTimeOffset(out var when)
            ? when.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture)
            : "--:--:--"; // A record of another producer need not say when.
        var inbound = message.GetProperty("direction").GetString() == "inbound";
        var delivery = message.TryGetProperty("delivery", out var known) && known.ValueKind == JsonValueKind.Object
            ? $"   ({known.GetProperty("status")}{(known.TryGetProperty("reason", out var reason) && reason.ValueKind == JsonValueKind.String ? ": " + reason : "")})"
            : "";
        return $"{at}  {(inbound ? "customer" : "  parley")}  {text.ReplaceLineEndings("\n" + new string(' ', 20))}{delivery}";
    }

    private static async Task<List<JsonElement>> ReadAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var conversation = parsed.GetValue(Conversation)!;
        var bearer = Secrets.Bearer(parsed);
        using var instance = Instance.Of(parsed);
        var messages = new List<JsonElement>();
        for (var page = 1; ; page++)
        {
            var answer = await instance.GetAsync(
                string.Create(CultureInfo.InvariantCulture, $"/api/v2/chat/conversations/{Uri.EscapeDataString(conversation)}/history?page={page}&page_size=100"), bearer, cancellation);
            if (answer.Status == StatusCodes.Status404NotFound) throw new CommandException($"there is no conversation {conversation}");
            if (!answer.IsSuccess) throw new CommandException(answer.Problem());

            var data = answer.Json().GetProperty("data");
            messages.AddRange(data.GetProperty("messages").EnumerateArray());
            if (!data.GetProperty("has_next").GetBoolean()) return messages;
        }
    }
}
