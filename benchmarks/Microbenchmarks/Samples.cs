using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;

namespace Parley.Microbenchmarks;

/// <summary>A message as WhatsApp's customers write them, and what becomes of it.</summary>
internal static class Samples
{
    public const string Text = "Where is my order ORD123456? I have been waiting for it since last week.";
    public const string PhoneNumberId = "106540352242922";

    public static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static InboundMessage Message(int number = 0)
    {
        var user = $"1650555{number:D4}";
        return new InboundMessage
        {
            Tenant = "demo",
            ConversationId = DerivedId.Conversation("demo", ChannelNames.WhatsApp, PhoneNumberId, user),
            Channel = ChannelNames.WhatsApp,
            Account = PhoneNumberId,
            Participant = new Participant(user, "Ann"),
            MessageId = $"wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTdCNTg5RjY1MEMyRjlGMjRGNgA={number}",
            Content = new MessageContent { Type = "text", Text = Text },
            SentAt = Now,
            ReceivedAt = Now.AddSeconds(1),
        };
    }

    public static Reply Reply(InboundMessage message) => new()
    {
        ReplyId = DerivedId.Reply(TurnOf(message), 0),
        TurnId = TurnOf(message),
        Tenant = message.Tenant,
        ConversationId = message.ConversationId,
        Channel = message.Channel,
        Account = message.Account,
        To = message.Participant.Id,
        Seq = 2,
        InReplyTo = [message.MessageId],
        Content = new ReplyContent { Type = "text", Text = "Your order ORD123456 is on its way and arrives tomorrow." },
        CreatedAt = Now,
    };

    /// <summary>The first turn of the message's conversation.</summary>
    public static TurnCommit Commit(InboundMessage message) => new()
    {
        Key = message.Key,
        ExpectedVersion = 0,
        State = new ConversationState
        {
            Version = 1, LastSeq = 2, Channel = message.Channel, Account = message.Account, Participant = message.Participant, CreatedAt = Now, UpdatedAt = Now,
        },
        TurnId = TurnOf(message),
        Messages = [new CommittedMessage(message, 1, 0, 0)],
        Replies = [Reply(message)],
    };

    private static string TurnOf(InboundMessage message) => DerivedId.Turn(message.Key, message.Identity, message.Identity);
}
