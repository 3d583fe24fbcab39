using Parley.Common.Conversations;
using Parley.Common.Records;

namespace Parley.TestKit;

/// <summary>Messages and replies with sane defaults.</summary>
public static class Messages
{
    public const string Tenant = "demo";
    public const string Account = "site";

    public static InboundMessage Text(string text, string participant = "user-1", string? id = null, string tenant = Tenant, string channel = ChannelNames.Web, string account = Account) => new()
    {
        Tenant = tenant,
        ConversationId = DerivedId.Conversation(tenant, channel, account, participant),
        Channel = channel,
        Account = account,
        Participant = new Participant(participant),
        MessageId = id ?? Guid.CreateVersion7().ToString(),
        Content = new MessageContent { Type = "text", Text = text },
        SentAt = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
        ReceivedAt = new DateTimeOffset(2026, 1, 1, 0, 0, 1, TimeSpan.Zero),
    };
}
