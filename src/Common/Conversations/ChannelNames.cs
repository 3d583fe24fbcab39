using System.Collections.Frozen;

namespace Parley.Common.Conversations;

/// <summary>The channels Parley knows, by the names used in records, routes and settings.</summary>
public static class ChannelNames
{
    public const string WhatsApp = "whatsapp";
    public const string Messenger = "messenger";
    public const string Slack = "slack";
    public const string Telegram = "telegram";
    public const string Web = "web";
    public const string Webhook = "webhook";

    public static FrozenSet<string> All { get; } = new[] { WhatsApp, Messenger, Slack, Telegram, Web, Webhook }.ToFrozenSet(StringComparer.Ordinal);
}
