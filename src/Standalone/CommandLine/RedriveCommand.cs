using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;

namespace Parley.Standalone.CommandLine;

/// <summary><c>parley redrive</c></summary>
internal static class RedriveCommand
{
    private static readonly Option<string> Conversation = new("--conversation") { Description = "Its id, c_…", HelpName = "id", Required = true };
    private static readonly Option<bool> Skip = new("--skip") { Description = "Drop the oldest parked turn with the fallback text before the others run" };
    private static readonly Option<string?> Reason = new("--reason") { Description = "Why, for the logs and the dead letter", HelpName = "text" };

    public static Command Create()
    {
        var command = new Command("redrive", "Releases a parked conversation: its messages are answered in order")
        {
            Conversation, Skip, Reason, Options.Url, Options.Data, Options.Tenant, Options.Token, Options.Secret, Options.Json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var conversation = parsed.GetValue(Conversation)!;
            var body = new JsonObject { ["action"] = parsed.GetValue(Skip) ? "skip" : "retry" };
            if (parsed.GetValue(Reason) is { Length: > 0 } reason) body["reason"] = reason;
            using var instance = Instance.Of(parsed);
            var answer = await instance.PostAsync(
                $"/api/v2/chat/conversations/{Uri.EscapeDataString(conversation)}/redrive", Encoding.UTF8.GetBytes(body.ToJsonString()),
                Secrets.Bearer(parsed, "conversation:manage"), cancellation);
            if (answer.Status == StatusCodes.Status404NotFound) throw new CommandException($"there is no conversation {conversation}");
            if (answer.Status == StatusCodes.Status409Conflict) throw new CommandException($"conversation {conversation} is not parked");
            if (!answer.IsSuccess) throw new CommandException(answer.Problem());

            Console.Out.WriteLine(parsed.GetValue(Options.Json) ? answer.Text : $"taken; see parley history {conversation}");
            return 0;
        });
        return command;
    }
}
