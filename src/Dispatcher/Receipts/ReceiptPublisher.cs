using Parley.Common.Kafka;
using Parley.Common.Records;
using Parley.Common.Stores;

namespace Parley.Dispatcher.Receipts;

/// <summary>Tells the owner of a conversation what became of a reply, by a record on <c>parley.inbound</c>. Telling twice is harmless.</summary>
internal sealed class ReceiptPublisher(RecordProducer producer, TimeProvider time)
{
    private const string Source = "/parley/dispatcher";

    /// <summary>True when the broker has acknowledged it.</summary>
    /// <param name="settled">The reply's row: sent, failed or unknown.</param>
    public Task<bool> PublishAsync(Reply reply, LedgerEntry settled) => PublishAsync(reply, StatusOf(settled.State), settled.ProviderMessageId, settled.Reason);

    /// <summary>It may have arrived, and is sent again all the same.</summary>
    public Task<bool> PublishResendAsync(Reply reply, string reason) => PublishAsync(reply, DeliveryStatus.Unknown, null, $"sent again: {reason}");

    private async Task<bool> PublishAsync(Reply reply, DeliveryStatus status, string? providerMessageId, string? reason)
    {
        var receipt = new Receipt
        {
            Tenant = reply.Tenant,
            ConversationId = reply.ConversationId,
            Channel = reply.Channel,
            Account = reply.Account,
            ReplyId = reply.ReplyId,
            ProviderMessageId = providerMessageId,
            Status = status,
            Reason = reason,
            At = time.GetUtcNow(),
        };
        return (await producer.PublishAsync(Topics.Inbound, RecordCodec.Encode(receipt, Source))).Acknowledged;
    }

    private static DeliveryStatus StatusOf(LedgerState state) => state switch
    {
        LedgerState.Sent => DeliveryStatus.Accepted,
        LedgerState.Failed => DeliveryStatus.Failed,
        LedgerState.Unknown => DeliveryStatus.Unknown,
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "only a settled row makes a receipt"),
    };
}
