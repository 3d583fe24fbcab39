using Parley.Common.Stores;
using Parley.Common.Tenants;
using Parley.Dispatcher.Sending;
using static Parley.Unit.Dispatcher.LedgerCases;

namespace Parley.Unit.Dispatcher;

public sealed class ReplyLedgerTests
{
    [Fact]
    public void A_pending_reply_is_claimed_before_it_is_sent()
    {
        var send = Assert.IsType<LedgerStep.Send>(Decide(Row(LedgerState.Pending)));

        Assert.True(send.Claim);
        Assert.Equal(Row(LedgerState.Sending, 1, Self, TimeSpan.FromSeconds(25)), send.Attempt);
    }

    [Fact]
    public void On_a_channel_where_twice_is_once_nothing_is_claimed()
    {
        Assert.False(Assert.IsType<LedgerStep.Send>(Decide(Row(LedgerState.Pending), Rules(repeatable: true))).Claim);
    }

    [Fact]
    public void What_another_dispatcher_may_be_sending_is_waited_for()
    {
        Assert.Equal(new LedgerStep.Wait(Now.AddSeconds(3)), Decide(Row(LedgerState.Sending, 1, "other", TimeSpan.FromSeconds(3))));
    }

    [Theory, InlineData(UnknownSendPolicy.AtMostOnce), InlineData(UnknownSendPolicy.AtLeastOnce)]
    public void An_attempt_whose_dispatcher_is_gone_gets_the_settle_time_from_its_deadline(UnknownSendPolicy policy)
    {
        var dead = Row(LedgerState.Sending, 1, "other", TimeSpan.FromSeconds(-10));

        var next = Assert.IsType<LedgerStep.Write>(Decide(dead, Rules(policy))).Next;

        Assert.Equal(LedgerState.Sending, next.State);
        Assert.Equal(Now.AddSeconds(50), next.Deadline);
        Assert.Equal("the dispatcher of attempt 1 is gone", next.Reason);
    }

    [Theory, InlineData(UnknownSendPolicy.AtMostOnce), InlineData(UnknownSendPolicy.AtLeastOnce)]
    public void What_comes_behind_a_send_in_doubt_waits_until_nothing_of_it_can_arrive_any_more(UnknownSendPolicy policy)
    {
        var doubt = Settle(Attempt(1), new SendResult.InDoubt("no answer"), Rules(policy));

        Assert.Equal(Attempt(1) with { Reason = "no answer" }, doubt);
        Assert.Equal(new LedgerStep.Wait(Now.AddSeconds(20)), Decide(doubt, Rules(policy)));
        var over = Assert.IsType<LedgerStep.Write>(ReplyLedger.Decide(doubt, Created, Now.AddSeconds(20), "other", Rules(policy))).Next;
        Assert.Equal(doubt with { Owner = null, Deadline = Now.AddSeconds(80) }, over);
    }

    [Fact]
    public void While_a_status_may_tell_the_lane_goes_on_if_it_is_never_sent_again_and_waits_if_it_may_be()
    {
        var over = Row(LedgerState.Sending, 1, null, TimeSpan.FromSeconds(50), "no answer");

        Assert.IsType<LedgerStep.Leave>(Decide(over, Rules(UnknownSendPolicy.AtMostOnce)));
        Assert.Equal(new LedgerStep.Wait(Now.AddSeconds(50)), Decide(over, Rules(UnknownSendPolicy.AtLeastOnce)));
    }

    [Fact]
    public void A_doubt_that_nothing_settled_is_unknown_or_sent_again_as_the_tenant_wants()
    {
        var doubt = Row(LedgerState.Sending, 1, null, TimeSpan.Zero, "no answer");

        var once = Assert.IsType<LedgerStep.Write>(Decide(doubt, Rules(UnknownSendPolicy.AtMostOnce)));
        var again = Assert.IsType<LedgerStep.Write>(Decide(doubt, Rules(UnknownSendPolicy.AtLeastOnce)));

        Assert.Equal((LedgerState.Unknown, "no answer", false), (once.Next.State, once.Next.Reason, once.Resend));
        Assert.Equal((LedgerState.Pending, 1, true), (again.Next.State, again.Next.Attempt, again.Resend));
        Assert.IsType<LedgerStep.Send>(Decide(again.Next, Rules(UnknownSendPolicy.AtLeastOnce)));
    }

    [Fact]
    public void Where_no_status_can_settle_it_there_is_no_settle_time()
    {
        var doubt = Row(LedgerState.Sending, 1, Self, TimeSpan.Zero, "no answer");

        var over = Assert.IsType<LedgerStep.Write>(Decide(doubt, Rules(settles: false))).Next;

        Assert.Equal(LedgerState.Unknown, Assert.IsType<LedgerStep.Write>(Decide(over, Rules(settles: false))).Next.State);
    }

    [Fact]
    public void A_refusal_backs_off_with_the_tries_or_as_long_as_the_channel_asks()
    {
        Assert.Equal(Now.AddSeconds(1), Settle(Attempt(1), new SendResult.Refused("later")).Deadline);
        Assert.Equal(Now.AddSeconds(8), Settle(Attempt(4), new SendResult.Refused("later")).Deadline);
        Assert.Equal(Now.AddSeconds(64), Settle(Attempt(4), new SendResult.Refused("pair", Growth: 4)).Deadline);
        Assert.Equal(Now.AddMinutes(5), Settle(Attempt(40), new SendResult.Refused("later"), Rules(maxTries: 100)).Deadline);
        Assert.Equal(Now.AddSeconds(30), Settle(Attempt(1), new SendResult.Refused("later", TimeSpan.FromSeconds(30))).Deadline);
        Assert.Equal(new LedgerStep.Wait(Now.AddSeconds(30)), Decide(Settle(Attempt(1), new SendResult.Refused("later", TimeSpan.FromSeconds(30)))));
    }

    [Fact]
    public void Refused_too_often_it_has_failed()
    {
        Assert.Equal(LedgerState.Pending, Settle(Attempt(4), new SendResult.Refused("later")).State);
        Assert.Equal(Row(LedgerState.Failed, 5, reason: "later"), Settle(Attempt(5), new SendResult.Refused("later")));
        Assert.Equal(LedgerState.Failed, Settle(Attempt(3), new SendResult.Refused("1", MaxTries: 3)).State);
    }

    [Fact]
    public void Parts_that_were_sent_are_not_held_against_the_next_one()
    {
        var rules = Rules(parts: 9, maxTries: 2);
        var row = Row(LedgerState.Pending);
        for (var part = 0; part < 8; part++)
        {
            row = Settle(Assert.IsType<LedgerStep.Send>(Decide(row, rules)).Attempt, new SendResult.Sent($"wamid.{part}"), rules);
            Assert.Equal((LedgerState.Pending, part + 1), (row.State, row.PartsSent));
        }

        row = Settle(Assert.IsType<LedgerStep.Send>(Decide(row, rules)).Attempt, new SendResult.Sent("wamid.last"), rules);
        Assert.Equal((LedgerState.Sent, 9, "wamid.last"), (row.State, row.PartsSent, row.ProviderMessageId));
    }

    [Fact]
    public void Only_the_last_part_waits_for_a_status()
    {
        var rules = Rules(parts: 2);
        var doubt = new SendResult.InDoubt("no answer");

        var first = Over(Settle(Attempt(1), doubt, rules));
        var last = Over(Settle(Row(LedgerState.Sending, 2, Self, TimeSpan.FromSeconds(20), partsSent: 1), doubt, rules));

        Assert.Equal((Now.AddSeconds(20), "part 1 of 2: no answer"), (first.Deadline, first.Reason));
        Assert.Equal((Now.AddSeconds(80), "part 2 of 2: no answer"), (last.Deadline, last.Reason));

        LedgerEntry Over(LedgerEntry row) => Assert.IsType<LedgerStep.Write>(ReplyLedger.Decide(row, Created, Now.AddSeconds(20), Self, rules)).Next;
    }

    [Fact]
    public void A_blocked_account_costs_the_reply_nothing_but_time()
    {
        var row = Settle(Attempt(5), new SendResult.AccountBlocked("190"));

        Assert.Equal((LedgerState.Pending, null, "190"), (row.State, row.Owner, row.Reason));
    }

    [Fact]
    public void A_reply_nobody_waits_for_any_more_is_given_up_with_the_last_reason()
    {
        var rules = Rules();
        var old = Now - TimeSpan.FromHours(25);

        var step = Assert.IsType<LedgerStep.Write>(ReplyLedger.Decide(Row(LedgerState.Pending, 3, reason: "190: expired"), old, Now, Self, rules));

        Assert.Equal(Row(LedgerState.Failed, 3, reason: "it was not sent within 1.00:00:00; last: 190: expired"), step.Next);
        Assert.Equal(LedgerState.Failed, ReplyLedger.Settle(Attempt(1), new SendResult.AccountBlocked("190"), old, Now, rules).State);
        Assert.Equal(LedgerState.Failed, ReplyLedger.Settle(Attempt(1), new SendResult.Refused("later"), old, Now, rules).State);
    }

    [Fact]
    public void A_late_yes_settles_what_was_called_unknown_meanwhile_and_nothing_else()
    {
        var attempt = Attempt(2);
        var yes = new SendResult.Sent("wamid.1");

        Assert.Equal("wamid.1", ReplyLedger.SettleLate(Row(LedgerState.Unknown, 2), attempt, yes, Rules())?.ProviderMessageId);
        Assert.Equal("wamid.1", ReplyLedger.SettleLate(Row(LedgerState.Sending, 2, null, TimeSpan.FromSeconds(50), "in doubt"), attempt, yes, Rules())?.ProviderMessageId);
        Assert.Null(ReplyLedger.SettleLate(Row(LedgerState.Unknown, 3), attempt, yes, Rules()));
        Assert.Null(ReplyLedger.SettleLate(Row(LedgerState.Sent, 2), attempt, yes, Rules()));
        Assert.Null(ReplyLedger.SettleLate(Row(LedgerState.Failed, 2), attempt, yes, Rules()));
        Assert.Null(ReplyLedger.SettleLate(Row(LedgerState.Sending, 3), attempt, yes, Rules()));
        Assert.Null(ReplyLedger.SettleLate(Row(LedgerState.Unknown, 2), attempt, new SendResult.Rejected("no"), Rules()));
        Assert.Null(ReplyLedger.SettleLate(Row(LedgerState.Unknown, 2), attempt, yes, Rules(parts: 2)));
    }

    private static LedgerEntry Attempt(int number) => Row(LedgerState.Sending, number, Self, TimeSpan.FromSeconds(20));

    private static LedgerStep Decide(LedgerEntry row, SendRules? rules = null) => ReplyLedger.Decide(row, Created, Now, Self, rules ?? Rules());

    private static LedgerEntry Settle(LedgerEntry attempt, SendResult result, SendRules? rules = null) =>
        ReplyLedger.Settle(attempt, result, Created, Now, rules ?? Rules());
}
