using System.Globalization;
using System.Text.Json;

namespace Parley.Standalone.Simulator;

/// <summary>Puts the users' messages into the simulated chats once Ingest has taken them, whoever posted the webhook: the page, the command line, a test.</summary>
internal sealed class WebhookWatch(RequestDelegate next, SimulatedAccounts accounts, SimulatedChats chats, TimeProvider time)
{
    private static readonly PathString Path = "/webhooks/whatsapp";

    public async Task InvokeAsync(HttpContext http)
    {
        if (!HttpMethods.IsPost(http.Request.Method) || !http.Request.Path.StartsWithSegments(Path, out var rest) || accounts.Find(rest.Value?.TrimStart('/') ?? "") is null)
        {
            await next(http);
            return;
        }

        http.Request.EnableBuffering();
        await next(http);
        if (http.Response.StatusCode != StatusCodes.Status200OK) return;

        // Answered already: nothing that goes wrong here may change that.
        http.Request.Body.Position = 0;
        try
        {
            using var body = await JsonDocument.ParseAsync(http.Request.Body);
            foreach (var message in Messages(body.RootElement)) chats.Add(message);
        }
        catch (JsonException)
        {
            // Signed and not readable: Ingest has put it into the dead letters.
        }
    }

    private IEnumerable<ChatMessage> Messages(JsonElement root) =>
        from entry in Items(root, "entry")
        from change in Items(entry, "changes")
        where change.TryGetProperty("value", out _)
        let value = change.GetProperty("value")
        let account = value.TryGetProperty("metadata", out var metadata) ? SendCheck.Text(metadata, "phone_number_id") : null
        where account is not null
        let names = Items(value, "contacts").Select(c => (Id: SendCheck.Text(c, "wa_id"), Name: c.TryGetProperty("profile", out var p) ? SendCheck.Text(p, "name") : null)).ToList()
        from message in Items(value, "messages")
        let id = SendCheck.Text(message, "id")
        let user = SendCheck.Text(message, "from") ?? SendCheck.Text(message, "from_user_id")
        where id is not null && user is not null
        select new ChatMessage
        {
            Id = id,
            Account = account,
            User = user,
            Name = names.Find(n => n.Id == user).Name,
            FromUser = true,
            Type = SendCheck.Text(message, "type") ?? "unknown",
            Text = TextOf(message),
            At = At(message),
        };

    private static string TextOf(JsonElement message)
    {
        var type = SendCheck.Text(message, "type") ?? "";
        if (!message.TryGetProperty(type, out var content)) return "";
        if (type == "text") return SendCheck.Text(content, "body") ?? "";
        foreach (var reply in (ReadOnlySpan<string>)["button_reply", "list_reply"])
        {
            if (type == "interactive" && content.TryGetProperty(reply, out var chosen)) return SendCheck.Text(chosen, "title") ?? "";
        }

        return SendCheck.Text(content, "caption") ?? SendCheck.Text(content, "name") ?? SendCheck.Text(content, "text") ?? "";
    }

    private DateTimeOffset At(JsonElement message) =>
        long.TryParse(SendCheck.Text(message, "timestamp"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and < 100_000_000_000
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : time.GetUtcNow();

    private static IEnumerable<JsonElement> Items(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var items) && items.ValueKind == JsonValueKind.Array
            ? items.EnumerateArray().Where(i => i.ValueKind == JsonValueKind.Object)
            : [];
}
