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

    // What a lane remembers of the reply at its head: that it was in hand, or that all it waits for is to be sent.
    private static readonly object InHand = new(), InLine = new();

    public async Task<LaneResult> RunAsync(LaneRun run, CancellationToken cancellation)
    {
        var memory = run.Memory;
        run.Memory = InHand;
        var told = new List<Task>();
        for (var i = 0; i < run.Records.Count; i++)
        {
            if (cancellation.IsCancellationRequested) return LaneResult.Done(i, All(told));

            var record = run.Records[i];
            var known = i == 0 && memory is not null ? memory : record.MayHaveRun ? InHand : null;
            var end = record.Decoded is DecodedRecord.OfReply(var reply)
                ? await HandleAsync(reply, known, run, cancellation)
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
    /// <param name="known">
    /// Null: nobody is known to have had it in hand, so its row need not be read, as whatever is written holds only if it is as it was made.
    /// <see cref="InHand"/>: it is looked at before it stands in line, as most such replies are not to be sent now.
    /// </param>
    /// <param name="run">Its memory is for the next run.</param>
    /// <param name="cancellation">Of the run.</param>
    private async Task<LaneResult> HandleAsync(Reply reply, object? known, LaneRun run, CancellationToken cancellation)
    {
        routes.TryFind(reply, out var route, out var problem);
        var inLine = known != InHand;
        var mayLeave = inLine && route is not null && !IsTooOld(reply);
        if (mayLeave && await guard.DelayAsync(reply, route!, cancellation) is { } wait)
        {
            run.Memory = InLine;
            return LaneResult.Retry(wait);
        }

        // Taken before the row is read, so that what is decided is decided when it can be done.
        using var place = mayLeave && route is { Channel.Repeatable: false } ? await places.TakeAsync(reply.Channel, reply.Account, route.Channel.PaceOf(route.Account), cancellation) : null;
        try
        {
            // What is not claimed is shown before anything is written: that takes a row that is there.
            var row = known is null && route is not { Channel.Repeatable: true }
                ? new LedgerEntry { Tenant = reply.Tenant, ReplyId = reply.ReplyId, State = LedgerState.Pending }
                : await store.FindReplyAsync(reply.Tenant, reply.ReplyId, cancellation);
            var end = row is not null ? await AdvanceAsync(reply, row, new Way(route, problem, inLine, place), run, cancellation) : null;
            storeWatch.Answered();
            return end ?? LaneResult.Unhandled($"reply '{reply.ReplyId}' is not in the store: replies are made by turns, not by records");
        }
        catch (StoreUnavailableException e)
        {
            storeWatch.Away(e);
            return LaneResult.Retry(StorePause);
        }
        finally
        {
            // A copy of a reply that was sent long ago must not cost the next one its turn: a recipient's may be six seconds apart.
            if (place is { IsLeft: false }) guard.GiveBack(reply, route!);
        }
    }

    /// <summary>
    /// Takes the reply as far as it goes now. Each round ends, or moves the row forward, or finds that somebody else did. Null when there is no such row.
    /// </summary>
    private async Task<LaneResult?> AdvanceAsync(Reply reply, LedgerEntry row, Way way, LaneRun run, CancellationToken cancellation)
    {
        var (route, problem, inLine, place) = way;
        var recorded = false;
        while (true)
        {
            var rules = SendRules.For(reply, row, route, options.Value);
            switch (ReplyLedger.Decide(row, reply.CreatedAt, time.GetUtcNow(), ledger.Owner, rules))
            {
                case LedgerStep.Settled:
                    // Also when somebody else settled it: the one who did may have gone before telling.
                    return LaneResult.Done(1, receipts.TellAsync(reply, row, recorded, cancellation));

                case LedgerStep.Leave:
                    return LaneResult.Done(1);

                case LedgerStep.Wait(var until):
                    return LaneResult.Retry(Until(until, atMost: row.State == LedgerState.Sending ? LookAgain : LongestWait));

                case LedgerStep.Write write:
                    if (!await ledger.WriteAsync(reply, row, write, cancellation)) return LaneResult.Retry(BrokerPause);
                    if (await store.FindReplyAsync(reply.Tenant, reply.ReplyId, cancellation) is not { } written) return null;
                    row = written;
                    break;

                case LedgerStep.Send when !inLine:
                    run.Memory = InLine;
                    return LaneResult.Retry(TimeSpan.Zero);

                case LedgerStep.Send send:
                    // What is not claimed is looked up; a claim looks for itself.
                    if (problem.Length == 0 && !send.Claim && await IsHandedOverAsync(reply, cancellation)) problem = HandedOver;
                    if (cancellation.IsCancellationRequested) return LaneResult.Done(0);
                    var begun = time.GetTimestamp();
                    if (send.Claim && !await ledger.ClaimAsync(reply, row, send.Attempt, unlessHandedOver: problem.Length == 0, cancellation))
                    {
                        if (await store.FindReplyAsync(reply.Tenant, reply.ReplyId, cancellation) is not { } current) return null;
                        if (current.State == LedgerState.Pending && problem.Length == 0 && await IsHandedOverAsync(reply, cancellation)) problem = HandedOver;
                        row = current;
                        break;
                    }

                    var result = route is null || problem.Length > 0 ? new SendResult.Rejected(problem) : await sender.SendAsync(reply, send.Attempt, route, place is null ? null : place.Leave);
                    var settled = await ledger.SettleAsync(reply, send.Claim ? send.Attempt : row, send.Attempt, result, rules, cancellation);
                    row = settled.Row;
                    recorded = settled.Written && row.State == LedgerState.Sent && time.GetElapsedTime(begun) < Receipt.RecordedWithin;
                    if (row.State == LedgerState.Pending)
                    {
                        // The next part, or the next try, stands in line again.
                        run.Memory = InLine;
                        return LaneResult.Retry(row.Owner is null ? TimeSpan.Zero : Until(row.Deadline, LongestWait));
                    }

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

    /// <param name="Route">Null when there is none: <paramref name="Problem"/> says why.</param>
    /// <param name="Problem">What stands against sending; empty for nothing.</param>
    /// <param name="InLine">Whether it is this reply's turn to be sent. Otherwise it is only looked at.</param>
    /// <param name="Place">Between claim and first byte; null where nothing is claimed.</param>
    private readonly record struct Way(OutboundRoute? Route, string Problem, bool InLine, ClaimPlace? Place);
}
