using Parley.Common.Backplane;
using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.Common.Streaming;
using Parley.Processor.Facts;

namespace Parley.Processor.Receipts;

/// <summary>Applies receipts: the reply's delivery moves forward, whoever looks is told, other systems get a fact.</summary>
internal sealed partial class ReceiptHandler(
    IConversationStore store, RecentDeliveries recent, FactPublisher facts, IBackplane backplane, ILogger<ReceiptHandler> log)
{
    private static readonly TimeSpan StorePause = TimeSpan.FromSeconds(1);

    /// <param name="receipt">The head of the run.</param>
    /// <param name="run">The lane's run.</param>
    /// <param name="cancellation">Of the run.</param>
    public async Task<LaneResult> HandleAsync(Receipt receipt, LaneRun run, CancellationToken cancellation)
    {
        ReceiptOutcome? outcome;
        try
        {
            outcome = IsOnlyToBeTold(receipt, run) ? new ReceiptOutcome(receipt.ReplyId!, receipt.Status, Changed: false) : await store.ApplyReceiptAsync(receipt, cancellation);
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

        if (outcome.Delivery > DeliveryStatus.Accepted) recent.Moved(run.Assignment, receipt.Tenant, outcome.ReplyId);

        // Told also when it was stored before: an acceptance by the dispatcher that wrote it, any other by a process that may have died before it told.
        if (!outcome.Changed && outcome.Delivery != receipt.Status) return LaneResult.Done(1);

        await backplane.PublishAsync(Notices.Conversation(receipt.Key), $"{Notices.DeliveryPrefix}{outcome.ReplyId}:{outcome.Delivery.ToString().ToLowerInvariant()}");
        return LaneResult.Done(1, Fact(receipt, outcome) is { } fact ? facts.PublishAsync([fact], cancellation) : null);
    }

    /// <summary>
    /// The dispatcher has just written it, and no status of the channel was before it: nothing is left to look up. What an earlier owner may have begun on is
    /// looked at: it may have come long ago.
    /// </summary>
    private bool IsOnlyToBeTold(Receipt receipt, LaneRun run) =>
        receipt is { Recorded: true, Status: DeliveryStatus.Accepted, ReplyId: { } reply } && !run.Head.MayHaveRun
        && recent.IsNew(run.Assignment, run.HadOwner, receipt.Tenant, reply, receipt.At);

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
            EventId = DerivedId.Of("event", name, receipt.Tenant, outcome.ReplyId),
            Name = name,
            Tenant = receipt.Tenant,
            ConversationId = receipt.ConversationId,
            Channel = receipt.Channel,
            ReplyId = outcome.ReplyId,
            Reason = receipt.Reason,
            At = receipt.At,
        };
    }

    [LoggerMessage(1, LogLevel.Warning, "A receipt of {Conversation} waits: {Reason}")]
    private partial void LogStore(ConversationKey conversation, string reason);

    [LoggerMessage(2, LogLevel.Information, "A receipt of {Conversation} is about {Id}, which is no reply of ours")]
    private partial void LogUnknown(ConversationKey conversation, string id);
}
