using Parley.Common.Stores;
using Parley.Common.Tenants;
using Parley.Dispatcher.Sending;
using static Parley.Unit.Dispatcher.LedgerCases;

namespace Parley.Unit.Dispatcher;

/// <summary>What holds for every row, every rule and every order of events.</summary>
public sealed class ReplyLedgerPropertyTests
{
    [Fact]
    public void For_every_row_there_is_a_step_and_a_settled_row_is_left_alone()
    {
        foreach (var rules in AllRules())
        foreach (var row in AllRows())
        {
            var step = ReplyLedger.Decide(row, Created, Now, Self, rules);

            var isSettled = row.State is LedgerState.Sent or LedgerState.Failed or LedgerState.Unknown;
            Assert.Equal(isSettled, step is LedgerStep.Settled);
            if (step is LedgerStep.Wait(var until)) Assert.True(until > Now, $"{row}: waits for what is past");
            if (step is LedgerStep.Write(var next, _)) Assert.NotEqual(row, next);
        }
    }

    [Fact]
    public void Every_attempt_has_a_new_number_an_owner_and_a_lease()
    {
        foreach (var rules in AllRules())
        foreach (var row in AllRows())
        {
            if (ReplyLedger.Decide(row, Created, Now, Self, rules) is not LedgerStep.Send(var attempt, var claim)) continue;

            Assert.Equal(LedgerState.Pending, row.State);
            Assert.Equal((LedgerState.Sending, row.Attempt + 1, Self, Now + rules.Lease, null), (attempt.State, attempt.Attempt, attempt.Owner, attempt.Deadline, attempt.Reason));
            Assert.Equal(!rules.Repeatable, claim);
        }
    }

    [Fact]
    public void What_may_have_arrived_goes_back_to_pending_only_by_policy_and_by_name()
    {
        foreach (var rules in AllRules())
        foreach (var row in AllRows().Where(r => r.State == LedgerState.Sending))
        {
            if (ReplyLedger.Decide(row, Created, Now, Self, rules) is not LedgerStep.Write { Next.State: LedgerState.Pending } write) continue;

            Assert.True(write.Resend);
            Assert.Equal(UnknownSendPolicy.AtLeastOnce, rules.UnknownSends);
            Assert.NotNull(row.Reason);
        }
    }

    [Fact]
    public void Every_result_of_every_attempt_gives_a_row_that_says_why()
    {
        foreach (var rules in AllRules())
        foreach (var tries in (int[])[1, 2, 3])
        foreach (var result in AllResults)
        {
            var attempt = Row(LedgerState.Sending, tries, Self, TimeSpan.FromSeconds(20));

            var next = ReplyLedger.Settle(attempt, result, Created, Now, rules);

            Assert.Equal(attempt.Attempt, next.Attempt);
            Assert.NotEqual(attempt, next);
            if (result is not SendResult.Sent) Assert.NotNull(next.Reason);
            if (next.State == LedgerState.Sent) Assert.Equal(("wamid.1", null), (next.ProviderMessageId, next.Reason));
            Assert.Equal(next.State is LedgerState.Pending or LedgerState.Sending, next.Deadline is not null);
        }
    }

    /// <summary>
    /// A few dispatchers, one store, one channel, a seeded choice of what happens next: sends that answer, are refused, are lost before or after
    /// they were taken, statuses that come or do not, processes that die between any two steps.
    /// </summary>
    [Theory]
    [InlineData(UnknownSendPolicy.AtMostOnce, true)]
    [InlineData(UnknownSendPolicy.AtMostOnce, false)]
    [InlineData(UnknownSendPolicy.AtLeastOnce, true)]
    [InlineData(UnknownSendPolicy.AtLeastOnce, false)]
    public void Whatever_happens_a_reply_ends_and_is_sent_twice_only_by_policy(UnknownSendPolicy policy, bool settles)
    {
        for (var seed = 0; seed < 600; seed++)
        {
            var world = new LedgerWorld(seed, Rules(policy, settles, parts: 1 + seed % 3));

            world.Run();

            Assert.True(world.Row.State is LedgerState.Sent or LedgerState.Failed or LedgerState.Unknown, $"seed {seed}: still {world.Row} after {world.Steps} steps");
            if (policy == UnknownSendPolicy.AtMostOnce)
            {
                Assert.True(world.Accepted.All(part => part == 1), $"seed {seed}: a part was accepted more than once: {string.Join(',', world.Accepted)}");
                Assert.Equal(0, world.Resends);
            }

            var copies = world.Accepted.Sum() - world.Accepted.Count(part => part > 0);
            Assert.True(copies <= world.Resends, $"seed {seed}: {copies} copies, {world.Resends} of them named");
            if (world.Row.State == LedgerState.Sent) Assert.True(world.AllPartsTaken, $"seed {seed}: sent, but a part never arrived");
        }
    }
}
