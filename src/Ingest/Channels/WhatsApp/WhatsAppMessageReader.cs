using System.Text.Json;
using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Ingest.Reading;

namespace Parley.Ingest.Channels.WhatsApp;

/// <summary>Reads the messages of one change, which share the array of contacts.</summary>
/// <param name="isEcho">The messages are what the business's owner typed into the phone: from us, kept in the history, never answered.</param>
internal sealed class WhatsAppMessageReader(string tenant, string account, DateTimeOffset receivedAt, JsonElement value, bool isEcho)
{
    private readonly JsonElement[] _contacts = [.. value.Items("contacts")];
    private readonly bool _onlyUser = value.Items("messages").Select(m => (m.Id("from"), m.Id("from_user_id"))).Distinct().Count() <= 1;

    /// <summary>One message; null, with the reason, when it cannot be told whose or which it is, or what it says.</summary>
    public InboundMessage? Read(JsonElement message, out string problem)
    {
        problem = "a message is no object or has no id";
        if (message.Id("id") is not { } id) return null;

        var user = UserOf(message);
        var group = message.Id("group_id");
        problem = $"message {id} has neither from nor from_user_id";
        if (group is null && !user.IsKnown) return null;

        if (WhatsAppContent.Read(message, out problem) is not { } said)
        {
            problem = $"message {id}: {problem}";
            return null;
        }

        var context = message.Object("context");
        return new InboundMessage
        {
            Tenant = tenant,
            ConversationId = group is null
                ? user.ConversationOn(tenant, account)
                : DerivedId.Conversation(tenant, ChannelNames.WhatsApp, account, group, group),
            Channel = ChannelNames.WhatsApp,
            Account = account,
            Participant = group is null ? user.ToParticipant() : new Participant(group),
            Thread = group,
            MessageId = id,
            Kind = isEcho ? InboundKinds.Echo : said.Kind,
            Content = said.Content,
            ReplyTo = said.Target ?? context?.Id("id"),
            Referral = message.Object("referral")?.Clone(),
            Context = JsonMembers.ObjectOf(
                ("forwarded", context?.Member("forwarded")),
                ("frequently_forwarded", context?.Member("frequently_forwarded")),
                ("referred_product", context?.Member("referred_product")),
                ("sender", group is null ? null : Sender(user))),
            SentAt = message.UnixTimeOf("timestamp"),
            ReceivedAt = receivedAt,
        };
    }

    private WhatsAppUser UserOf(JsonElement message)
    {
        if (isEcho) return WhatsAppUser.Of(message.Id("to"), message.Id("to_user_id")).WithContact(_contacts, onlyUser: false);

        var user = WhatsAppUser.Of(message.Id("from"), message.Id("from_user_id"));
        if (message.Object("system") is not { } system) return user.WithContact(_contacts, _onlyUser && message.Id("group_id") is null);

        // News of a user stands in the conversation as it was known, and names the new ids as aliases.
        user = user with { ScopedId = system.Id("previous_user_id") ?? user.ScopedId };
        if (!user.IsKnown) user = WhatsAppUser.Of(system.Id("wa_id"), system.Id("user_id"));
        return user with { OtherIds = [system.Id("wa_id"), system.Id("new_wa_id"), system.Id("user_id")] };
    }

    private static JsonElement Sender(WhatsAppUser user) =>
        JsonSerializer.SerializeToElement(user.ToParticipant(), ParleyJson.Default.Participant);
}
