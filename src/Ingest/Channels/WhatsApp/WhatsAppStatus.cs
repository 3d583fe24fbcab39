using System.Text.Json;
using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Ingest.Reading;

namespace Parley.Ingest.Channels.WhatsApp;

/// <summary>A status of a message we sent, as a receipt.</summary>
internal static class WhatsAppStatus
{
    /// <summary>The receipt; null, with what it was, when the status says nothing about delivery.</summary>
    public static Receipt? Read(JsonElement status, string tenant, string account, DateTimeOffset receivedAt, out string skipped)
    {
        skipped = $"status {status.Text("status")}";
        if (StatusOf(status.Text("status")) is not { } delivery || status.Id("id") is not { } providerId) return null;

        var (replyId, conversation) = SplitCallback(status.Text("biz_opaque_callback_data"));
        conversation ??= Recipient(status, tenant, account);
        if (conversation is null) return null;

        // A part before the last has "+" and its number behind the reply's id. That it went well says nothing of the reply; that it failed does.
        if (replyId?.Split('+') is [var whole, var part])
        {
            skipped = $"status {status.Text("status")} of part {part}";
            if (delivery != DeliveryStatus.Failed) return null;
            replyId = whole;
        }

        return new Receipt
        {
            Tenant = tenant,
            ConversationId = conversation,
            Channel = ChannelNames.WhatsApp,
            Account = account,
            ReplyId = replyId,
            ProviderMessageId = providerId,
            Status = delivery,
            Reason = delivery == DeliveryStatus.Failed ? Reason(status) : null,
            At = status.UnixTimeOf("timestamp") ?? receivedAt,
        };
    }

    // `played` is the reading of a voice message. `deleted`, `warning` and what is to come say nothing about delivery.
    private static DeliveryStatus? StatusOf(string? status) => status switch
    {
        "sent" => DeliveryStatus.Sent,
        "delivered" => DeliveryStatus.Delivered,
        "read" or "played" => DeliveryStatus.Read,
        "failed" => DeliveryStatus.Failed,
        _ => null,
    };

    // What the dispatcher put there: <reply id>.<conversation id>. Reply ids hold no dot. Data of another app is not ours to read.
    private static (string? ReplyId, string? Conversation) SplitCallback(string? data)
    {
        var dot = data?.IndexOf('.', StringComparison.Ordinal) ?? -1;
        return data is not null && dot > 2 && dot < data.Length - 1 && data.StartsWith("r_", StringComparison.Ordinal)
            ? (data[..dot], data[(dot + 1)..])
            : (null, null);
    }

    private static string? Recipient(JsonElement status, string tenant, string account)
    {
        if (status.Id("recipient_id") is { } group && status.Text("recipient_type") == "group")
        {
            return DerivedId.Conversation(tenant, ChannelNames.WhatsApp, account, group, group);
        }

        var user = WhatsAppUser.Of(status.Id("recipient_id"), status.Id("recipient_user_id"));
        return user.IsKnown ? user.ConversationOn(tenant, account) : null;
    }

    private static string? Reason(JsonElement status)
    {
        var error = status.Items("errors").FirstOrDefault();
        string?[] parts = [error.Id("code"), error.Text("title") ?? error.Text("message"), error.Object("error_data")?.Text("details")];
        var reason = string.Join(": ", parts.OfType<string>().Distinct());
        return reason.Length > 0 ? reason : null;
    }
}
