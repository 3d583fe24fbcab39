using Microsoft.Extensions.Options;
using Parley.Common.Kafka;
using Parley.Common.Records;
using Parley.Common.Stores;

namespace Parley.Dispatcher.Receipts;

/// <summary>Tells the owner of a conversation what became of a reply, by a record on <c>parley.inbound</c>. Telling twice is harmless.</summary>
/// <remarks>
/// No reply waits for the receipt of the one before it, so receipts wait for each other and leave in fewer requests; the offset of the reply's record waits for
/// them (<see cref="Common.Streaming.LaneResult.After"/>), so none is lost with the process.
/// </remarks>
internal sealed partial class ReceiptPublisher(RecordProducer producer, IOptions<KafkaOptions> options, TimeProvider time, ILoggerFactory logs) : IDisposable
{
    private const string Source = "/parley/dispatcher";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly RecordProducer _patient = RecordProducer.Patient(options, logs.CreateLogger<RecordProducer>(), options.Value.MessageTimeout);
    private readonly ILogger _log = logs.CreateLogger<ReceiptPublisher>();

    /// <summary>Completes when the broker has acknowledged it; until then it is told again and again.</summary>
    /// <param name="reply">The reply.</param>
    /// <param name="settled">Its row: sent, failed or unknown.</param>
    /// <param name="recorded">See <see cref="Receipt.Recorded"/>.</param>
    /// <param name="ended">The assignment has ended: the next owner tells it again.</param>
    /// <remarks>Ends in the client's thread: what awaits it may only count.</remarks>
    public async Task TellAsync(Reply reply, LedgerEntry settled, bool recorded, CancellationToken ended)
    {
        while (!await PublishAsync(_patient, reply, StatusOf(settled.State), settled.ProviderMessageId, settled.Reason, recorded))
        {
            LogRefused(reply.ReplyId);
            await Task.Delay(Pause, time, ended);

            // It has waited for longer than anybody remembers what the channel said meanwhile.
            recorded = false;
        }
    }

    /// <summary>The same, at once and once: true when the broker has acknowledged it.</summary>
    public Task<bool> PublishAsync(Reply reply, LedgerEntry settled) => PublishAsync(producer, reply, StatusOf(settled.State), settled.ProviderMessageId, settled.Reason);

    /// <summary>It may have arrived, and is sent again all the same.</summary>
    public Task<bool> PublishResendAsync(Reply reply, string reason) => PublishAsync(producer, reply, DeliveryStatus.Unknown, null, $"sent again: {reason}");

    public void Dispose() => _patient.Dispose();

    private async Task<bool> PublishAsync(RecordProducer by, Reply reply, DeliveryStatus status, string? providerMessageId, string? reason, bool recorded = false)
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
            Recorded = recorded,
        };
        return (await by.PublishAsync(Topics.Inbound, RecordCodec.Encode(receipt, Source))).Acknowledged;
    }

    private static DeliveryStatus StatusOf(LedgerState state) => state switch
    {
        LedgerState.Sent => DeliveryStatus.Accepted,
        LedgerState.Failed => DeliveryStatus.Failed,
        LedgerState.Unknown => DeliveryStatus.Unknown,
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "only a settled row makes a receipt"),
    };

    [LoggerMessage(1, LogLevel.Warning, "The receipt of reply {Reply} was not acknowledged and is told again")]
    private partial void LogRefused(string reply);
}
