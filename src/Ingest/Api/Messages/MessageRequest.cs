using System.Buffers;
using System.Text.Json;
using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Tenants;
using Parley.Ingest.Reading;

namespace Parley.Ingest.Api.Messages;

/// <summary>A valid body of <c>POST /chat/message</c>.</summary>
internal sealed record MessageRequest(
    string UserId, string Channel, string Account, string? ConversationId, string? MessageId, MessageContent Content, JsonElement? Context)
{
    private static readonly string[] Members = ["user_id", "channel", "account", "conversation_id", "message_id", "content", "context"];

    /// <summary>Reads and checks a body; null when <paramref name="errors"/> is not empty: each wrong field is named.</summary>
    public static MessageRequest? Read(JsonElement body, Tenant tenant, List<FieldError> errors)
    {
        var check = new FieldCheck(body, errors, "body");
        if (!check.IsObject()) return null;
        check.OnlyMembers(Members);

        var userId = check.Text("user_id", required: true, maxChars: Limits.IdChars);
        var channel = check.Text("channel", required: false, maxChars: Limits.IdChars) ?? ChannelNames.Web;
        var conversationId = check.Text("conversation_id", required: false, maxChars: Limits.IdChars);
        var messageId = check.Text("message_id", required: false, maxChars: Limits.IdChars);
        var context = check.Object("context");
        if (conversationId is not null && !IsConversationId(conversationId))
        {
            check.Wrong("conversation_id", "may hold letters, digits and . _ : ~ @ + = - only", "string_pattern_mismatch");
        }

        var account = ChooseAccount(check, tenant, channel);
        var content = check.Object("content", required: true) is { } said ? ContentRequest.Read(said, errors) : null;
        return errors.Count == 0 ? new MessageRequest(userId!, channel, account!, conversationId, messageId, content!, context?.Clone()) : null;
    }

    /// <summary>Whether a caller may name a conversation so: it has to fit into a URL's path.</summary>
    public static bool IsConversationId(string id) => id.Length is > 0 and <= Limits.IdChars && !id.AsSpan().ContainsAnyExcept(Letters);

    private static readonly SearchValues<char> Letters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:~@+=-");

    private static string? ChooseAccount(FieldCheck check, Tenant tenant, string channel)
    {
        var named = check.Text("account", required: false, maxChars: Limits.IdChars);
        if (!ChannelNames.All.Contains(channel))
        {
            check.Wrong("channel", $"Input should be one of {string.Join(", ", ChannelNames.All.Order(StringComparer.Ordinal))}", "enum");
            return null;
        }

        string[] accounts = [.. tenant.Accounts.Where(a => a.Channel == channel).Select(a => a.Id)];
        if (named is not null && accounts.Contains(named)) return named;
        if (named is null && accounts.Length == 1) return accounts[0];
        check.Wrong(
            "account",
            (named, accounts.Length) switch
            {
                (_, 0) => $"the tenant has no account on channel {channel}",
                (null, _) => $"the tenant has several accounts on channel {channel}: name one",
                _ => $"the tenant has no such account on channel {channel}",
            },
            named is null && accounts.Length > 0 ? "missing" : "enum");
        return null;
    }
}
