using Parley.Common.Conversations;
using Parley.Common.Records;

namespace Parley.Unit.Dispatcher;

internal static class Replies
{
    public static Reply WhatsAppReply(string text, params ReplyAction[] actions) => new()
    {
        ReplyId = "r_1",
        TurnId = "t_1",
        Tenant = "demo",
        ConversationId = "c_1",
        Channel = ChannelNames.WhatsApp,
        Account = "106540352242922",
        To = "16505551234",
        Seq = 2,
        InReplyTo = ["wamid.A"],
        Content = new ReplyContent { Type = actions.Length > 0 ? "choices" : "text", Text = text, Actions = actions.Length > 0 ? actions : null },
        CreatedAt = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
    };
}
