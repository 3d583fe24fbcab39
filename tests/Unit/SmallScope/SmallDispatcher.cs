using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.Common.Tenants;
using Parley.Dispatcher.Sending;

namespace Parley.Unit.SmallScope;

/// <summary>What a dispatcher does about a reply, one step at a time: look, write or claim, send, settle.</summary>
internal static class SmallDispatcher
{
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(10);

    public static readonly SendRules Rules = new()
    {
        Parts = 1,
        StatusSettles = true,
        UnknownSends = UnknownSendPolicy.AtMostOnce,
        Lease = TimeSpan.FromSeconds(30),
        SettleTime = TimeSpan.FromSeconds(60),
        MaxTries = 20,
        GiveUpAfter = TimeSpan.FromDays(30),
    };

    public static SmallRun Begin(SmallWorld world, IReadOnlyList<long> offsets) => new Looking((Reply)world.Outbound.Log[(int)offsets[0]]);

    public static IEnumerable<SmallStep> Steps(SmallWorld world, int who, ConversationKey key, SmallRun run)
    {
        var name = $"dispatcher {who}";
        switch (run)
        {
            case Looking(var reply):
                // To wait is no step: nothing changes by it.
                if (Decide(world, reply, who) is not LedgerStep.Wait) yield return new($"{name} looks at {Name(reply)}", StepKind.Free, w => Look(w, who, key, reply));
                break;

            case Writing(var reply, var row, var step):
                yield return new($"{name} writes {Name(reply)}", StepKind.Free, w => Write(w, who, key, reply, row, step));
                break;

            case Claimed(var reply, var attempt):
                yield return new($"{name} sends {Name(reply)}", StepKind.Free, w => Send(w, who, key, reply, attempt, isTaken: true, isAnswered: true));
                if (IsLate(attempt, world.Now)) break;
                yield return new($"{name} sends {Name(reply)}, it is taken, the answer is lost", StepKind.Fault, w => Send(w, who, key, reply, attempt, isTaken: true, isAnswered: false));
                yield return new($"{name} sends {Name(reply)}, it is taken after the answer was given up", StepKind.Fault, w =>
                {
                    w.Late.Add(reply);
                    Send(w, who, key, reply, attempt, isTaken: false, isAnswered: false);
                });
                yield return new($"{name} sends {Name(reply)}, it is lost", StepKind.Fault, w => Send(w, who, key, reply, attempt, isTaken: false, isAnswered: false));
                yield return new($"{name} sends {Name(reply)}, it is refused for now", StepKind.Fault, w => Send(w, who, key, reply, attempt, isTaken: false, isAnswered: true));
                break;

            case Answered(var reply, var attempt, var result):
                yield return new($"{name} settles {Name(reply)}", StepKind.Free, w => Settle(w, who, key, reply, attempt, result));
                break;
        }
    }

    /// <summary>A send that nobody looks after is settled; a status of the channel settles one in doubt.</summary>
    public static IEnumerable<SmallStep> StepsOfOthers(SmallWorld world)
    {
        foreach (var reply in world.Store.Replies)
        {
            var row = world.Store.Row(reply.ReplyId);
            if (row.State == LedgerState.Sending && row.Deadline <= world.Now && !Array.Exists(world.Dispatchers, d => d.Runs.ContainsValue(new Looking(reply))))
            {
                yield return new($"the sweep writes {Name(reply)}", StepKind.Free, w =>
                {
                    if (Decide(w, reply, -1) is LedgerStep.Write write) w.Store.TryUpdateLedger(w.Store.Row(reply.ReplyId), write.Next);
                });
            }

            if (row is { State: LedgerState.Sending, Reason: not null } or { State: LedgerState.Unknown } && world.Taken.Contains(reply))
            {
                yield return new($"a status tells of {Name(reply)}", StepKind.Optional, w => w.Store.Receive(new Receipt
                {
                    Tenant = reply.Tenant, ConversationId = reply.ConversationId, Channel = reply.Channel, Account = reply.Account, ReplyId = reply.ReplyId,
                    ProviderMessageId = "wamid", Status = DeliveryStatus.Sent, At = w.Now,
                }));
            }
        }
    }

    public static string Name(Reply reply) => "re:" + string.Join('+', reply.InReplyTo);

    public static bool IsUnderWay(SmallRun run, DateTimeOffset now) => run is Claimed(_, var attempt) && attempt.Deadline > now;

    // As the sender does it: nothing leaves later than this after the claim.
    private static bool IsLate(LedgerEntry attempt, DateTimeOffset now) => now > attempt.Deadline - Rules.Lease + SendTimeout;

    private static LedgerStep Decide(SmallWorld world, Reply reply, int who) =>
        ReplyLedger.Decide(world.Store.Row(reply.ReplyId), reply.CreatedAt, world.Now, $"d{who}", Rules);

    private static void Look(SmallWorld world, int who, ConversationKey key, Reply reply)
    {
        var step = Decide(world, reply, who);
        if (step is LedgerStep.Settled or LedgerStep.Leave) world.End(world.Dispatchers[who], key, 1);
        else world.Dispatchers[who].Runs[key] = new Writing(reply, world.Store.Row(reply.ReplyId), step);
    }

    private static void Write(SmallWorld world, int who, ConversationKey key, Reply reply, LedgerEntry row, LedgerStep step)
    {
        var next = step is LedgerStep.Send send ? send.Attempt : ((LedgerStep.Write)step).Next;
        var written = world.Store.TryUpdateLedger(row, next);
        if (written && step is LedgerStep.Send) world.Dispatchers[who].Runs[key] = new Claimed(reply, next);
        else LookAgain(world, who, key, reply);
    }

    private static void Send(SmallWorld world, int who, ConversationKey key, Reply reply, LedgerEntry attempt, bool isTaken, bool isAnswered)
    {
        var isLate = IsLate(attempt, world.Now);
        if (isTaken && !isLate) world.Take(reply);
        SendResult result = (isTaken, isAnswered) switch
        {
            _ when isLate => new SendResult.Refused("its time was over", TimeSpan.Zero),
            (true, true) => new SendResult.Sent("wamid"),
            (false, true) => new SendResult.Refused("not now"),
            _ => new SendResult.InDoubt("no answer"),
        };
        world.Dispatchers[who].Runs[key] = new Answered(reply, attempt, result);
    }

    private static void Settle(SmallWorld world, int who, ConversationKey key, Reply reply, LedgerEntry attempt, SendResult result)
    {
        if (!world.Store.TryUpdateLedger(attempt, ReplyLedger.Settle(attempt, result, reply.CreatedAt, world.Now, Rules)))
        {
            var current = world.Store.Row(reply.ReplyId);
            if (ReplyLedger.SettleLate(current, attempt, result, Rules) is { } late) world.Store.TryUpdateLedger(current, late);
        }

        LookAgain(world, who, key, reply);
    }

    // What is settled stays so: when that is seen makes no difference.
    private static void LookAgain(SmallWorld world, int who, ConversationKey key, Reply reply)
    {
        if (Decide(world, reply, who) is LedgerStep.Settled or LedgerStep.Leave) world.End(world.Dispatchers[who], key, 1);
        else world.Dispatchers[who].Runs[key] = new Looking(reply);
    }

    private sealed record Looking(Reply Reply) : SmallRun
    {
        public override string Print => $"look {Name(Reply)}";
    }

    private sealed record Writing(Reply Reply, LedgerEntry Row, LedgerStep Step) : SmallRun
    {
        public override string Print => $"write {Name(Reply)} over {Row.State} {Row.Attempt}, {Step.GetType().Name} {(Step as LedgerStep.Write)?.Next.State}";
    }

    private sealed record Claimed(Reply Reply, LedgerEntry Attempt) : SmallRun
    {
        public override string Print => $"claimed {Name(Reply)} {Attempt.Attempt}";
    }

    private sealed record Answered(Reply Reply, LedgerEntry Attempt, SendResult Result) : SmallRun
    {
        public override string Print => $"answered {Name(Reply)} {Attempt.Attempt} {Result.GetType().Name}";
    }
}
