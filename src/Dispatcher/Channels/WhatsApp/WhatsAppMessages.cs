using System.Text;
using Parley.Common.Records;
using Parley.Dispatcher.Sending;
using static Parley.Dispatcher.Channels.WhatsApp.WhatsAppRequest;

namespace Parley.Dispatcher.Channels.WhatsApp;

/// <summary>The messages WhatsApp needs for a reply. Pure. Limits: Cloud API reference, "Text messages", "Interactive reply buttons", "Interactive lists".</summary>
internal static class WhatsAppMessages
{
    public const int TextChars = 4096;
    private const int ButtonTextChars = 1024;
    private const int MaxButtons = 3;
    private const int ButtonTitleChars = 20;
    private const int ButtonIdChars = 256;
    private const int MaxRows = 10;
    private const int RowTitleChars = 24;
    private const int RowIdChars = 200;
    private const int RowDescriptionChars = 72;
    private const int CallbackChars = 512;

    /// <summary>What opens a list.</summary>
    private const string ListLabel = "Options";

    /// <summary>
    /// One message for each part: long text is split; choices are buttons or a list below the last part, and lines of text when they fit
    /// into neither.
    /// </summary>
    public static IReadOnlyList<WhatsAppRequest> Of(Reply reply)
    {
        var actions = reply.Content.Actions ?? [];
        var fitting = actions.Count > 0 && FitsList(actions) && !string.IsNullOrWhiteSpace(reply.Content.Text);
        var texts = TextSplitter.Split(actions.Count > 0 && !fitting ? AsText(reply.Content.Text, actions) : reply.Content.Text, TextChars);

        var messages = new WhatsAppRequest[texts.Count];
        for (var part = 0; part < texts.Count; part++)
        {
            var last = part == texts.Count - 1;
            messages[part] = Address(reply) with
            {
                Type = fitting && last ? "interactive" : "text",
                Text = fitting && last ? null : new TextBody(texts[part]),
                Interactive = fitting && last ? Choices(texts[part], actions) : null,
                Context = part == 0 ? Quote(reply) : null,
                BizOpaqueCallbackData = Callback(reply, last ? null : part),
            };
        }

        return messages;
    }

    private static WhatsAppRequest Address(Reply reply)
    {
        var empty = new WhatsAppRequest { Type = "" };
        if (IsGroup(reply)) return empty with { RecipientType = "group", To = reply.To };
        if (IsUserId(reply.To)) return empty with { Recipient = reply.To };

        // Without the plus the business's own country code may be put in front.
        return empty with { To = reply.To.StartsWith('+') ? reply.To : "+" + reply.To };
    }

    // A group's conversation has the group as participant and as thread.
    private static bool IsGroup(Reply reply) => reply.Thread is not null && reply.Thread == reply.To;

    // Business-scoped user id: two letters of a country, a dot, letters and digits.
    private static bool IsUserId(string to) => to.Length > 3 && char.IsAsciiLetterUpper(to[0]) && char.IsAsciiLetterUpper(to[1]) && to[2] == '.';

    // Between two people a quote says nothing new. In a group it says whom we answer. Ids that other systems made up would be refused.
    private static QuotedMessage? Quote(Reply reply) => IsGroup(reply) && reply.InReplyTo is [.., var newest] && newest.StartsWith("wamid.", StringComparison.Ordinal)
        ? new QuotedMessage(newest)
        : null;

    // A status of a part that is not the last must not count as one of the reply: "+" and the part's number make it another id.
    private static string Callback(Reply reply, int? part)
    {
        var id = part is { } number ? $"{reply.ReplyId}+{number + 1}" : reply.ReplyId;
        var routed = $"{id}.{reply.ConversationId}";
        return routed.Length <= CallbackChars ? routed : id;
    }

    private static InteractiveBody Choices(string text, IReadOnlyList<ReplyAction> actions) => FitsButtons(text, actions)
        ? new InteractiveBody("button", new Words(text), new ActionBody(Buttons: [.. actions.Select(a => new ReplyButton(new ButtonReply(a.Id, a.Title)))]))
        : new InteractiveBody("list", new Words(text), new ActionBody(
            Button: ListLabel, Sections: [new Section([.. actions.Select(a => new Row(a.Id, a.Title, string.IsNullOrEmpty(a.Description) ? null : a.Description))])]));

    private static bool FitsButtons(string text, IReadOnlyList<ReplyAction> actions) =>
        actions.Count <= MaxButtons && text.Length <= ButtonTextChars && Distinct(actions, a => a.Title)
        && actions.All(a => a.Title.Length <= ButtonTitleChars && a.Id.Length <= ButtonIdChars && string.IsNullOrEmpty(a.Description));

    private static bool FitsList(IReadOnlyList<ReplyAction> actions) =>
        actions.Count <= MaxRows && Distinct(actions, a => a.Id)
        && actions.All(a => a.Title.Length is > 0 and <= RowTitleChars && a.Id.Length is > 0 and <= RowIdChars && (a.Description?.Length ?? 0) <= RowDescriptionChars);

    private static bool Distinct(IReadOnlyList<ReplyAction> actions, Func<ReplyAction, string> member) =>
        actions.Select(member).Distinct(StringComparer.Ordinal).Count() == actions.Count;

    private static string AsText(string text, IReadOnlyList<ReplyAction> actions)
    {
        var lines = new StringBuilder(text.TrimEnd());
        if (lines.Length > 0) lines.Append('\n');
        for (var i = 0; i < actions.Count; i++)
        {
            if (lines.Length > 0) lines.Append('\n');
            lines.Append(i + 1).Append(". ").Append(actions[i].Title);
            if (!string.IsNullOrEmpty(actions[i].Description)) lines.Append(" - ").Append(actions[i].Description);
        }

        return lines.ToString();
    }
}
