using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Common.Conversations;
using Parley.Standalone.Simulator;

namespace Parley.Standalone.CommandLine;

/// <summary><c>parley send</c></summary>
internal static class SendCommand
{
    private static readonly Argument<string> Channel = new("channel") { Description = "whatsapp: a signed webhook, as Meta posts it. web: the REST API" };
    private static readonly Option<string?> Text = new("--text") { Description = "What the customer says", HelpName = "text" };
    private static readonly Option<string?> From = new("--from") { Description = "The customer: a phone number (default: 15550100), on web any id (default: cli)", HelpName = "id" };
    private static readonly Option<string?> Name = new("--name") { Description = "The customer's name, on whatsapp", HelpName = "name" };
    private static readonly Option<string?> Id = new("--id") { Description = "The message's id; the same id again is the same message", HelpName = "id" };
    private static readonly Option<string?> Account = new("--account") { Description = "The tenant's account; default: its only one", HelpName = "id" };
    private static readonly Option<FileInfo?> File = new("--file") { Description = "A body to send as it is, instead of --text", HelpName = "body.json" };

    private static readonly Option<string?> WebhookSecret = new("--webhook-secret")
    {
        Description = "The account's secret for webhooks (PARLEY_WEBHOOK_SECRET); default: the one in the data folder",
        HelpName = "text",
    };

    public static Command Create()
    {
        Channel.AcceptOnlyFromAmong(ChannelNames.WhatsApp, ChannelNames.Web);
        var command = new Command("send", "Sends a customer's message to a running instance")
        {
            Channel, Text, From, Name, Id, Account, File, Options.Url, Options.Data, Options.Tenant, Options.Token, Options.Secret, WebhookSecret, Options.Json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            if (string.IsNullOrWhiteSpace(parsed.GetValue(Text)) == parsed.GetValue(File) is null) throw new CommandException("give either --text or --file");
            return parsed.GetValue(Channel) == ChannelNames.Web ? WebAsync(parsed, cancellation) : WhatsAppAsync(parsed, cancellation);
        });
        return command;
    }

    private static async Task<int> WebAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var body = ReadFile(parsed) ?? Utf8(WebBody(parsed));
        using var instance = Instance.Of(parsed);
        var answer = await instance.PostAsync("/api/v2/chat/message", body, Secrets.Bearer(parsed), cancellation);
        if (!answer.IsSuccess) throw new CommandException(answer.Problem());

        var data = answer.Json().GetProperty("data");
        Console.Out.WriteLine(parsed.GetValue(Options.Json) ? answer.Text : Said(answer.Status, data));
        return 0;
    }

    private static string Said(int status, JsonElement data)
    {
        if (status == StatusCodes.Status202Accepted) return $"taken, not answered yet; see parley history {data.GetProperty("conversation_id")}";
        var response = data.GetProperty("response");
        return response.GetProperty("type").GetString() == "none"
            ? $"taken; nothing is answered, the conversation is {data.GetProperty("conversation_state").GetProperty("status")}"
            : response.GetProperty("content").GetString()!;
    }

    private static async Task<int> WhatsAppAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var demo = Secrets.DemoTenant(parsed);
        var asked = parsed.GetValue(Account);
        var known = demo?.Accounts.FirstOrDefault(a => a.Channel == ChannelNames.WhatsApp && (asked is null || a.Id == asked));
        var account = asked ?? known?.Id ?? throw new CommandException("which account? The data folder has no whatsapp account (--data); name one by --account");
        var secret = parsed.Secretly(WebhookSecret, "PARLEY_WEBHOOK_SECRET") ?? (known?.WebhookSecrets is [var first, ..] ? first : null)
            ?? throw new CommandException("there is no secret to sign with: the data folder has none for this account (--data); give it by --webhook-secret");

        var from = parsed.GetValue(From) ?? "15550100";
        var id = parsed.GetValue(Id) ?? SendEndpoint.NewId();
        var body = ReadFile(parsed) ?? WebhookBodies.Message(
            account, id, new TypedMessage(from, account, parsed.GetValue(Name), Text: parsed.GetValue(Text)), TimeProvider.System.GetUtcNow());
        var signature = "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body));

        using var instance = Instance.Of(parsed);
        var answer = await instance.PostAsync($"/webhooks/whatsapp/{Uri.EscapeDataString(account)}", body, null, cancellation, ("X-Hub-Signature-256", signature));
        if (!answer.IsSuccess) throw new CommandException($"the webhook was refused: {Why(answer.Status)}");

        var conversation = demo is null ? null : DerivedId.Conversation(demo.Id, ChannelNames.WhatsApp, account, from);
        var fromFile = parsed.GetValue(File) is not null;
        if (parsed.GetValue(Options.Json))
        {
            var result = new JsonObject { ["status"] = "accepted", ["message_id"] = fromFile ? null : id, ["conversation_id"] = fromFile ? null : conversation };
            Console.Out.WriteLine(result.ToJsonString());
        }
        else
        {
            Console.Out.WriteLine(fromFile || conversation is null ? "taken" : $"taken; see parley history {conversation}");
        }

        return 0;
    }

    private static JsonObject WebBody(ParseResult parsed)
    {
        var body = new JsonObject
        {
            ["user_id"] = parsed.GetValue(From) ?? "cli",
            ["channel"] = ChannelNames.Web,
            ["content"] = new JsonObject { ["type"] = "text", ["text"] = parsed.GetValue(Text) },
        };
        if (parsed.GetValue(Account) is { } account) body["account"] = account;
        if (parsed.GetValue(Id) is { } id) body["message_id"] = id;
        return body;
    }

    private static string Why(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => "HTTP 401, the signature is not the account's (--data, --webhook-secret)",
        StatusCodes.Status403Forbidden => "HTTP 403, the body is about another account (--account)",
        StatusCodes.Status404NotFound => "HTTP 404, the instance has no such account (--account)",
        StatusCodes.Status413PayloadTooLarge => "HTTP 413, the body is too large",
        StatusCodes.Status503ServiceUnavailable => "HTTP 503, the broker does not take it now; try again",
        _ => $"HTTP {status}",
    };

    private static byte[]? ReadFile(ParseResult parsed)
    {
        if (parsed.GetValue(File) is not { } file) return null;
        try
        {
            return System.IO.File.ReadAllBytes(file.FullName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"--file {file}: {e.Message}", inner: e);
        }
    }

    private static byte[] Utf8(JsonObject body) => Encoding.UTF8.GetBytes(body.ToJsonString());
}
