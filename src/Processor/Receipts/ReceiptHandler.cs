using Parley.Common.Backplane;
using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.Common.Streaming;
using Parley.Processor.Replies;

namespace Parley.Processor.Receipts;

/// <summary>Applies receipts: the reply's delivery moves forward, whoever looks is told, other systems get a fact.</summary>
internal sealed partial class ReceiptHandler(IConversationStore store, ReplyPublisher publisher, IBackplane backplane, ILogger<ReceiptHandler> log)
{
    private static readonly TimeSpan StorePause = TimeSpan.FromSeconds(1);

    public async Task<LaneResult> HandleAsync(Receipt receipt, CancellationToken cancellation)
    {
        ReceiptOutcome? outcome;
        try
        {
            outcome = await store.ApplyReceiptAsync(receipt, cancellation);
        }
        catch (StoreUnavailableException e)
        {
            LogStore(receipt.Key, e.Message);
            return LaneResult.Retry(StorePause);
        }

        if (outcome is null)
        {
            // A status of a message that was not ours: sent by hand, or by another system on the same number.
            LogUnknown(receipt.Key, receipt.ReplyId ?? receipt.ProviderMessageId ?? "");
            return LaneResult.Done(1);
        }

        if (!outcome.Changed) return LaneResult.Done(1);

        var status = outcome.Delivery.ToString().ToLowerInvariant();
        await backplane.PublishAsync(Notices.Conversation(receipt.Key), $"{Notices.DeliveryPrefix}{outcome.Reply.ReplyId}:{status}");
        var told = Fact(receipt, outcome) is not { } fact || await publisher.PublishAsync([], [fact]);

        // Told or not, the delivery is stored; a repetition would find nothing changed. A fact that a broker outage swallows here is logged.
        if (!told) LogFactLost(receipt.Key, outcome.Reply.ReplyId, status);
        return LaneResult.Done(1);
    }

    private static ConversationEvent? Fact(Receipt receipt, ReceiptOutcome outcome)
    {
        var name = outcome.Delivery switch
        {
            DeliveryStatus.Accepted or DeliveryStatus.Sent => EventNames.ReplySent,
            DeliveryStatus.Delivered => EventNames.ReplyDelivered,
            DeliveryStatus.Read => EventNames.ReplyRead,
            DeliveryStatus.Failed => EventNames.ReplyFailed,
            DeliveryStatus.Unknown => EventNames.ReplyUnknown,
            _ => null,
        };
        return name is null ? null : new ConversationEvent
        {
            EventId = DerivedId.Of("event", name, receipt.Tenant, outcome.Reply.ReplyId),
            Name = name,
            Tenant = receipt.Tenant,
            ConversationId = receipt.ConversationId,
            Channel = receipt.Channel,
            ReplyId = outcome.Reply.ReplyId,
            Reason = receipt.Reason,
            At = receipt.At,
        };
    }

    [LoggerMessage(1, LogLevel.Warning, "A receipt of {Conversation} waits: {Reason}")]
    private partial void LogStore(ConversationKey conversation, string reason);

    [LoggerMessage(2, LogLevel.Information, "A receipt of {Conversation} is about {Id}, which is no reply of ours")]
    private partial void LogUnknown(ConversationKey conversation, string id);

    [LoggerMessage(3, LogLevel.Error, "{Conversation}: the fact that {Reply} is {Status} did not reach the events topic")]
    private partial void LogFactLost(ConversationKey conversation, string reply, string status);
}
