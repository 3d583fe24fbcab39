using BenchmarkDotNet.Attributes;
using Parley.Common.Stores;
using Parley.Dispatcher.Sending;

namespace Parley.Microbenchmarks;

/// <summary>What the ledger's decisions about one reply cost: claim it, send it, settle it.</summary>
[MemoryDiagnoser]
public class LedgerBenchmark
{
    private static readonly SendRules Rules = new()
    {
        Parts = 1, StatusSettles = true, Lease = TimeSpan.FromSeconds(25), SettleTime = TimeSpan.FromSeconds(60), MaxTries = 20, GiveUpAfter = TimeSpan.FromHours(24),
    };

    private static readonly LedgerEntry Pending = new() { Tenant = "demo", ReplyId = "r_1", State = LedgerState.Pending };
    private static readonly SendResult Sent = new SendResult.Sent("wamid.1");

    [Benchmark]
    public object DecideAndSettle()
    {
        var step = (LedgerStep.Send)ReplyLedger.Decide(Pending, Samples.Now, Samples.Now, "dispatcher-1", Rules);
        return ReplyLedger.Settle(step.Attempt, Sent, Samples.Now, Samples.Now, Rules);
    }
}
