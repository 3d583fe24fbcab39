using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.Common.Tenants;
using Parley.Dispatcher.Sending;

namespace Parley.Unit.Simulation;

/// <summary>The dispatcher: the real <see cref="ReplyLedger"/>, in front of a channel that cannot be asked.</summary>
internal sealed class SimDispatcher(SimWorld world)
{
    private static readonly SendRules Rules = new()
    {
        Parts = 1,
        StatusSettles = true,
        UnknownSends = UnknownSendPolicy.AtMostOnce,
        Lease = TimeSpan.FromSeconds(30),
        SettleTime = TimeSpan.FromSeconds(60),
        MaxTries = 20,
        GiveUpAfter = TimeSpan.FromHours(1),
    };

    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(10);
    private int _owners;

    public void Handle(SimRun run)
    {
        var reply = (Reply)run.Records[0].Record;
        var owner = $"d{_owners++}";
        run.Consumer.When(5, () => Advance(run, reply, owner));
    }

    /// <summary>What the outbox sweep does: a reply that stays pending is published again, a send nobody looks after is settled. Oldest first, and it may stop anywhere.</summary>
    public void Sweep()
    {
        foreach (var (reply, entry) in world.Store.Replies.OrderBy(r => r.Reply.CreatedAt).ThenBy(r => r.Reply.Seq).ToList())
        {
            if (entry.State == LedgerState.Pending && world.Now - reply.CreatedAt > TimeSpan.FromSeconds(30))
            {
                if (world.Random.Next(4) == 0) return;
                world.Outbound.Append(reply.Key, reply);
            }

            if (entry.State == LedgerState.Sending && ReplyLedger.Decide(entry, reply.CreatedAt, world.Now, "sweep", Rules) is LedgerStep.Write write) world.Store.TryUpdateLedger(entry, write.Next);
        }
    }

    private void Advance(SimRun run, Reply reply, string owner)
    {
        if (run.Progress.Ended.IsCancellationRequested && world.Random.Next(2) == 0)
        {
            run.Finish(0, null, []);
            return;
        }

        var row = world.Store.FindReply(reply.ReplyId)!;
        switch (ReplyLedger.Decide(row, reply.CreatedAt, world.Now, owner, Rules))
        {
            case LedgerStep.Settled or LedgerStep.Leave:
                run.Finish(1, null, []);
                break;
            case LedgerStep.Wait(var until):
                run.Finish(0, Shorter(until - world.Now), []);
                break;
            case LedgerStep.Write write:
                world.Store.TryUpdateLedger(row, write.Next);
                run.Consumer.When(5, () => Advance(run, reply, owner));
                break;
            case LedgerStep.Send send:
                var claimed = world.Store.TryUpdateLedger(row, send.Attempt);
                run.Consumer.When(30, () => { if (claimed) Send(run, reply, owner, send.Attempt); else Advance(run, reply, owner); });
                break;
        }
    }

    private void Send(SimRun run, Reply reply, string owner, LedgerEntry attempt)
    {
        // As PartSender: nothing leaves later than this after the claim.
        var result = world.Now > attempt.Deadline - Rules.Lease + SendTimeout ? new SendResult.Refused("its time was over", TimeSpan.Zero) : world.Channel.Send(reply, attempt.Deadline!.Value - world.Now);
        run.Consumer.When(2000, () =>
        {
            world.Store.TryUpdateLedger(attempt, ReplyLedger.Settle(attempt, result, reply.CreatedAt, world.Now, Rules));
            run.Consumer.When(5, () => Advance(run, reply, owner));
        });
    }

    private static TimeSpan Shorter(TimeSpan wait) => wait > TimeSpan.FromSeconds(2) ? TimeSpan.FromSeconds(2) : wait;
}
