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

    private const string HandedOver = "the conversation was handed over before it left";

    public async Task<LaneResult> RunAsync(LaneRun run, CancellationToken cancellation)
    {
        // Set: the reply at the head has been looked at before.
        var again = run.Memory is not null;
        run.Memory = this;
        var told = new List<Task>();
        for (var i = 0; i < run.Records.Count; i++)
        {
            if (cancellation.IsCancellationRequested) return LaneResult.Done(i, All(told));

            var record = run.Records[i];
            var end = record.Decoded is DecodedRecord.OfReply(var reply)
                ? await HandleAsync(reply, isNew: !record.MayHaveRun && (i > 0 || !again), cancellation)
                : LaneResult.Unhandled("a record of this type does not belong on parley.outbound");
            if (end.After is { IsCompletedSuccessfully: false } after) told.Add(after);
            // The next reply waits for the result of this one.
            if (end.Completed == 0) return end with { Completed = i, After = All(told) };
        }

        run.Memory = null;
        return LaneResult.Done(run.Records.Count, All(told));
    }

    private static Task? All(List<Task> tasks) => tasks.Count == 0 ? null : Task.WhenAll(tasks);

    /// <param name="reply">To send.</param>
    /// <param name="isNew">Nobody is known to have had it in hand: its row need not be read, as whatever is written holds only if it is as it was made.</param>
    /// <param name="cancellation">Of the run.</param>
    private async Task<LaneResult> HandleAsync(Reply reply, bool isNew, CancellationToken cancellation)
    {
        routes.TryFind(reply, out var route, out var problem);
        if (route is not null && !IsTooOld(reply) && await guard.DelayAsync(reply, route, cancellation) is { } wait) return LaneResult.Retry(wait);

        // Taken before the row is read, so that what is decided is decided when it can be done.
        using var place = route is { Channel.Repeatable: false } ? await places.TakeAsync(reply.Channel, reply.Account, cancellation) : null;
        try
        {
            // What is not claimed is shown before anything is written: that takes a row that is there.
            var row = isNew && route is not { Channel.Repeatable: true }
                ? new LedgerEntry { Tenant = reply.Tenant, ReplyId = reply.ReplyId, State = LedgerState.Pending }
                : await store.FindReplyAsync(reply.Tenant, reply.ReplyId, cancellation);
            var end = row is not null ? await AdvanceAsync(reply, row, route, problem, place, cancellation) : null;
            storeWatch.Answered();
            return end ?? LaneResult.Unhandled($"reply '{reply.ReplyId}' is not in the store: replies are made by turns, not by records");
        }
        catch (StoreUnavailableException e)
        {
            storeWatch.Away(e);
            return LaneResult.Retry(StorePause);
        }
    }

    /// <summary>
    /// Takes the reply as far as it goes now. Each round ends, or moves the row forward, or finds that somebody else did. Null when there is no such row.
    /// </summary>
    private async Task<LaneResult?> AdvanceAsync(
        Reply reply, LedgerEntry row, OutboundRoute? route, string problem, ClaimPlace? place, CancellationToken cancellation)
    {
        while (true)
        {
            var rules = SendRules.For(reply, row, route, options.Value);
            switch (ReplyLedger.Decide(row, reply.CreatedAt, time.GetUtcNow(), ledger.Owner, rules))
            {
                case LedgerStep.Settled:
                    // Also when somebody else settled it: the one who did may have gone before telling.
                    return LaneResult.Done(1, receipts.TellAsync(reply, row, cancellation));

                case LedgerStep.Leave:
                    return LaneResult.Done(1);

                case LedgerStep.Wait(var until):
                    return LaneResult.Retry(Until(until, atMost: row.State == LedgerState.Sending ? LookAgain : LongestWait));

                case LedgerStep.Write write:
                    if (!await ledger.WriteAsync(reply, row, write, cancellation)) return LaneResult.Retry(BrokerPause);
                    if (await store.FindReplyAsync(reply.Tenant, reply.ReplyId, cancellation) is not { } written) return null;
                    row = written;
                    break;

                case LedgerStep.Send send:
                    // What is not claimed is looked up; a claim looks for itself.
                    if (problem.Length == 0 && !send.Claim && await IsHandedOverAsync(reply, cancellation)) problem = HandedOver;
                    if (cancellation.IsCancellationRequested) return LaneResult.Done(0);
                    if (send.Claim && !await ledger.ClaimAsync(reply, row, send.Attempt, unlessHandedOver: problem.Length == 0, cancellation))
                    {
                        if (await store.FindReplyAsync(reply.Tenant, reply.ReplyId, cancellation) is not { } current) return null;
                        if (current.State == LedgerState.Pending && problem.Length == 0 && await IsHandedOverAsync(reply, cancellation)) problem = HandedOver;
                        row = current;
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
