using Microsoft.Extensions.Options;
using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.Common.Streaming;
using Parley.Dispatcher.Channels;
using Parley.Dispatcher.Receipts;

namespace Parley.Dispatcher.Sending;

/// <summary>
/// The story of a reply: find its way, wait for its turn, claim it in the ledger, send it, write what became of it, tell the conversation's owner.
/// What may be done is decided by <see cref="ReplyLedger"/>; this class does it.
/// </summary>
internal sealed class ReplyHandler(
    IConversationStore store, OutboundRoutes routes, SendGuard guard, ClaimPlaces places, PartSender sender, LedgerWriter ledger, ReceiptPublisher receipts,
    StoreWatch storeWatch, IOptions<DispatcherOptions> options, TimeProvider time) : ILaneHandler
{
    private static readonly TimeSpan StorePause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BrokerPause = TimeSpan.FromSeconds(1);

    /// <summary>Rows change behind a lane's back (a status settles them, another dispatcher finishes): no wait for one is longer.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    public async Task<LaneResult> RunAsync(LaneRun run, CancellationToken cancellation)
    {
        for (var i = 0; i < run.Records.Count; i++)
        {
            if (cancellation.IsCancellationRequested) return LaneResult.Done(i);

            var end = run.Records[i].Decoded is DecodedRecord.OfReply(var reply)
                ? await HandleAsync(reply, cancellation)
                : LaneResult.Unhandled("a record of this type does not belong on parley.outbound");
            // The next reply waits for the result of this one.
            if (end.Completed == 0) return end with { Completed = i };
        }

        return LaneResult.Done(run.Records.Count);
    }

    private async Task<LaneResult> HandleAsync(Reply reply, CancellationToken cancellation)
    {
        routes.TryFind(reply, out var route, out var problem);
        if (route is not null && !IsTooOld(reply) && await guard.DelayAsync(reply, route, cancellation) is { } wait) return LaneResult.Retry(wait);

        // Taken before the row is read, so that what is decided is decided when it can be done.
        using var place = route is { Channel.Repeatable: false } ? await places.TakeAsync(reply.Channel, reply.Account, cancellation) : null;
        try
        {
            var row = await store.FindReplyAsync(reply.Tenant, reply.ReplyId, cancellation);
            storeWatch.Answered();
            return row is not null
                ? await AdvanceAsync(reply, row, route, problem, place, cancellation)
                : LaneResult.Unhandled($"reply '{reply.ReplyId}' is not in the store: replies are made by turns, not by records");
        }
        catch (StoreUnavailableException e)
        {
            storeWatch.Away(e);
            return LaneResult.Retry(StorePause);
        }
    }

    /// <summary>Takes the reply as far as it goes now. Each round ends, or moves the row forward, or finds that somebody else did.</summary>
    private async Task<LaneResult> AdvanceAsync(
        Reply reply, LedgerEntry row, OutboundRoute? route, string problem, ClaimPlace? place, CancellationToken cancellation)
    {
        while (true)
        {
            var rules = SendRules.For(reply, row, route, options.Value);
            switch (ReplyLedger.Decide(row, reply.CreatedAt, time.GetUtcNow(), ledger.Owner, rules))
            {
                case LedgerStep.Settled:
                    // Also when somebody else settled it: the one who did may have gone before telling.
                    return await receipts.PublishAsync(reply, row) ? LaneResult.Done(1) : LaneResult.Retry(BrokerPause);

                case LedgerStep.Leave:
                    return LaneResult.Done(1);

                case LedgerStep.Wait(var until):
                    return LaneResult.Retry(Until(until, atMost: row.State == LedgerState.Sending ? LookAgain : LongestWait));

                case LedgerStep.Write write:
                    if (!await ledger.WriteAsync(reply, row, write, cancellation)) return LaneResult.Retry(BrokerPause);
                    row = await ledger.ReadAsync(reply, cancellation);
                    break;

                case LedgerStep.Send send:
                    if (problem.Length == 0 && await IsHandedOverAsync(reply, cancellation)) problem = "the conversation was handed over before it left";
                    if (cancellation.IsCancellationRequested) return LaneResult.Done(0);
                    if (send.Claim && !await ledger.ClaimAsync(reply, row, send.Attempt, cancellation))
                    {
                        row = await ledger.ReadAsync(reply, cancellation);
                        break;
                    }

                    var result = route is null || problem.Length > 0 ? new SendResult.Rejected(problem) : await sender.SendAsync(reply, send.Attempt, route, place is null ? null : place.Leave);
                    row = await ledger.SettleAsync(reply, send.Claim ? send.Attempt : row, send.Attempt, result, rules, cancellation);
                    // The next part, or the next try, stands in line again.
                    if (row.State == LedgerState.Pending) return LaneResult.Retry(row.Owner is null ? TimeSpan.Zero : Until(row.Deadline, LongestWait));
                    break;
            }
        }
    }

    // A reply made before a person took over must not leave after it.
    private async Task<bool> IsHandedOverAsync(Reply reply, CancellationToken cancellation) =>
        await store.LoadAsync(reply.Key, cancellation) is { } state && state.OwnershipEpoch > reply.OwnershipEpoch;

    private bool IsTooOld(Reply reply) => time.GetUtcNow() - reply.CreatedAt > options.Value.GiveUpAfter;

    private TimeSpan Until(DateTimeOffset? when, TimeSpan atMost)
    {
        var wait = (when - time.GetUtcNow()) ?? TimeSpan.Zero;
        return wait > atMost ? atMost : wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }
}
