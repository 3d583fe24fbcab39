using Microsoft.Extensions.Options;
using Parley.Common.Kafka;
using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.Dispatcher.Channels;
using Parley.Dispatcher.Receipts;

namespace Parley.Dispatcher.Sending;

/// <summary>
/// Looks after replies that nobody looks after. Pending ones are published again: a process died between commit and publication, or the broker
/// forgot. Sends whose time is over are settled: their dispatcher died after the record was completed, or left them to a status that never came.
/// So no reply stays where it is for ever. Any number of processes may sweep at once.
/// </summary>
internal sealed partial class OutboxSweep(
    IConversationStore store, RecordProducer producer, OutboundRoutes routes, LedgerWriter ledger, ReceiptPublisher receipts, DispatcherMetrics metrics,
    StoreWatch storeWatch, IOptions<DispatcherOptions> options, TimeProvider time, ILogger<OutboxSweep> log) : BackgroundService
{
    private const string Source = "/parley/dispatcher";
    private const int BatchSize = 200;

    /// <summary>One sweep ends after this many batches, whatever there is: the next one is soon.</summary>
    private const int MaxBatches = 25;

    private static readonly TimeSpan ShortestPatience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestPatience = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (StoreUnavailableException e)
            {
                storeWatch.Away(e);
            }
        }
    }

    internal async Task SweepAsync(CancellationToken cancellation)
    {
        for (var batch = 0; batch < MaxBatches; batch++)
        {
            var owed = await store.FindOwedRepliesAsync(time.GetUtcNow() - options.Value.SweepAfter, BatchSize, cancellation);
            foreach (var reply in owed)
            {
                // Without a broker nothing can be told: the rest waits for the next sweep.
                if (!await LookAfterAsync(reply, cancellation)) return;
                metrics.Swept();
            }

            if (owed.Count > 0) LogSwept(owed.Count);
            if (owed.Count < BatchSize) return;
        }
    }

    private Task<bool> LookAfterAsync(OwedReply owed, CancellationToken cancellation) =>
        owed.Ledger.State == LedgerState.Pending ? PublishAsync(owed.Reply, owed.Ledger, cancellation) : SettleAsync(owed.Reply, owed.Ledger, cancellation);

    private async Task<bool> PublishAsync(Reply reply, LedgerEntry row, CancellationToken cancellation)
    {
        var published = await producer.PublishAsync(Topics.Outbound, RecordCodec.Encode(reply, Source));
        if (!published.Acknowledged) return false;

        // It may be waiting in a long queue or for its account rather than be forgotten: the longer it waits, the rarer its copies.
        var now = time.GetUtcNow();
        var age = now - reply.CreatedAt;
        var patience = age < ShortestPatience ? ShortestPatience : age < LongestPatience ? age : LongestPatience;
        await store.TryUpdateLedgerAsync(row, row with { Owner = null, Deadline = now + patience }, cancellation);
        return true;
    }

    /// <summary>A send needs its lane; what is decided here needs none, as nothing is sent.</summary>
    private async Task<bool> SettleAsync(Reply reply, LedgerEntry row, CancellationToken cancellation)
    {
        routes.TryFind(reply, out var route, out _);
        while (true)
        {
            var step = ReplyLedger.Decide(row, reply.CreatedAt, time.GetUtcNow(), ledger.Owner, SendRules.For(reply, row, route, options.Value));
            if (step is not LedgerStep.Write write) break;
            if (!await ledger.WriteAsync(reply, row, write, cancellation)) return false;
            row = await ledger.ReadAsync(reply, cancellation);
        }

        return row.State switch
        {
            LedgerState.Pending => await PublishAsync(reply, row, cancellation),
            LedgerState.Sending => true,
            _ => await receipts.PublishAsync(reply, row),
        };
    }

    [LoggerMessage(1, LogLevel.Information, "Looked after {Count} replies that were pending or in doubt for long")]
    private partial void LogSwept(int count);
}
