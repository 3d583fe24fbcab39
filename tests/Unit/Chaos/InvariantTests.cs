using Parley.Chaos.Checking;
using Parley.Chaos.Faults;
using Parley.Chaos.History;
using Parley.Chaos.Workload;
using static Parley.Unit.Chaos.GoodHistory;

namespace Parley.Unit.Chaos;

/// <summary>A checker that nobody has seen fail proves nothing: each invariant against a history with one mistake.</summary>
public sealed class InvariantTests
{
    private static readonly Evidence Good = Make();

    [Fact]
    public void A_run_in_which_all_went_well_breaks_nothing() => Assert.Empty(Invariants.Check(Good));

    [Fact]
    public void A_message_that_was_accepted_and_is_not_stored_is_lost() => Breaks("S1", Good with
    {
        Store = Good.Store with { Messages = Good.Store.Messages.Without(m => m is { Tenant: First, Seq: 5 }) },
    });

    [Fact]
    public void A_message_that_was_never_accepted_may_be_missing() => Assert.Empty(NoLoss.Breaches(Good with
    {
        Deliveries = Good.Deliveries.Change(d => d.Messages[0] is { Tenant: First, Seq: 3 }, d => d with { Outcome = Outcome.Info, Status = 503 }),
        Store = Good.Store with { Messages = Good.Store.Messages.Without(m => m is { Tenant: First, Seq: 5 }) },
    }));

    [Fact]
    public void A_reply_that_is_marked_sent_and_was_never_taken_is_lost() =>
        Breaks("S1", Good with { Sends = Good.Sends.Without(s => s is { Tenant: Second, ReplyId: "r_3" }) });

    [Fact]
    public void A_reply_whose_end_is_unknown_is_no_loss() => Assert.Empty(NoLoss.Breaches(Good with
    {
        Sends = Good.Sends.Without(s => s is { Tenant: Second, ReplyId: "r_3" }),
        Store = Good.Store with { Replies = Good.Store.Replies.Change(r => r is { Tenant: Second, ReplyId: "r_3" }, r => r with { State = "unknown" }) },
    }));

    [Fact]
    public void A_message_with_a_bad_signature_that_reaches_the_engine_is_invented() => Breaks("S2", Good with
    {
        Deliveries = Good.Deliveries.Change(d => d.Messages[0] is { Tenant: First, Seq: 2 }, d => d with { Intent = Intent.BadSignature, Outcome = Outcome.Fail, Status = 401 }),
    });

    [Fact]
    public void A_reply_that_the_channel_took_twice_is_a_duplicate() => Breaks("S3", Good with { Sends = [.. Good.Sends, Good.Sends[0] with { ProviderId = "wamid.again" }] });

    [Fact]
    public void A_message_that_got_two_replies_is_a_duplicate_whatever_their_ids() =>
        Breaks("S3", Good with { Sends = [.. Good.Sends, Good.Sends[0] with { ReplyId = "r_other" }] });

    [Fact]
    public void A_record_that_is_there_more_often_than_it_was_handed_in_is_a_duplicate() => Breaks("S3", Good with
    {
        Topics = Good.Topics with { Inbound = [.. Good.Topics.Inbound, Good.Topics.Inbound[0] with { Offset = 99 }] },
    });

    [Fact]
    public void A_reply_that_says_something_else_than_the_engine_said_disagrees() => Breaks("S4", Good with
    {
        Sends = Good.Sends.Change(s => s is { Tenant: First, ReplyId: "r_1" }, s => s with { Text = s.Text + "!" }),
    });

    [Fact]
    public void Messages_that_changed_places_are_out_of_order() => Breaks("S5", Good with
    {
        Store = Good.Store with { Messages = Good.Store.Messages.Change(m => m is { Tenant: First, Seq: 1 }, m => m with { Seq = 7 }) },
    });

    [Fact]
    public void A_message_that_nobody_waited_for_may_come_in_any_order()
    {
        var together = Good.Deliveries.Select(d => d with { At = d.Messages[0].Seq, EndedAt = 100_000_000_000 }).ToList();

        Assert.Empty(OrderIn.Breaches(Good with
        {
            Deliveries = together, Store = Good.Store with { Messages = Good.Store.Messages.Change(m => m is { Tenant: First, Seq: 1 }, m => m with { Seq = 7 }) },
        }));
    }

    [Fact]
    public void Replies_that_changed_places_are_out_of_order() => Breaks("S6", Good with
    {
        Sends = Good.Sends.Change(s => s is { Tenant: First, ReplyId: "r_1" }, s => s with { At = long.MaxValue }),
    });

    [Fact]
    public void A_turn_computed_from_an_old_state_breaks_the_chain()
    {
        var forked = MessageText.Reply(new MessageKey(First, Name, 3), HashChain.Next(HashChain.Start, ["wamid.c000.3"]), GoodHistory.Tenants[0].Canary);

        Breaks("S7", Good with { Store = Good.Store with { Replies = Good.Store.Replies.Change(r => r is { Tenant: First, ReplyId: "r_3" }, r => r with { Text = forked }) } });
    }

    [Fact]
    public void A_message_that_is_still_parked_is_not_in_the_chain_yet()
    {
        var last = Good.Store.Messages.Where(m => m.Tenant == First).MaxBy(m => m.Seq)!;
        var parked = last with { MessageId = "wamid.c000.99", TurnId = "p_1", Seq = last.Seq + 1 };
        var turn = Good.Store.Turns.First(t => (t.Tenant, t.TurnId) == (last.Tenant, last.TurnId));
        var store = Good.Store with { Messages = [.. Good.Store.Messages, parked], Turns = [.. Good.Store.Turns, turn with { TurnId = "p_1", Version = turn.Version + 1 }] };

        Assert.NotEmpty(Chain.Breaches(Good with { Store = store }));
        Assert.Empty(Chain.Breaches(Good with { Store = store with { Parked = new HashSet<(string, string, long)> { (parked.Tenant, parked.ConversationId, parked.Seq) } } }));
    }

    [Fact]
    public void A_state_that_was_written_over_breaks_the_chain() => Breaks("S7", Good with
    {
        Store = Good.Store with { Conversations = Good.Store.Conversations.Change(c => c.Tenant == Second, c => c with { Hash = "older" }) },
    });

    [Fact]
    public void A_context_of_another_tenant_is_a_leak() =>
        Breaks("S8", Good with { Calls = Good.Calls.Change(c => c is { Tenant: First, RequestId: "t_2" }, c => c with { Canary = GoodHistory.Tenants[1].Canary }) });

    [Fact]
    public void A_reply_on_another_tenants_account_is_a_leak() =>
        Breaks("S8", Good with { Sends = Good.Sends.Change(s => s is { Tenant: First, ReplyId: "r_2" }, s => s with { Text = Good.Sends[^1].Text }) });

    [Fact]
    public void Another_tenants_token_is_a_leak() => Breaks("S8", Good with { Sends = Good.Sends.Change(s => s.Tenant == First, s => s with { TokenTenant = Second }) });

    [Fact]
    public void An_offset_that_was_committed_before_the_turn_is_too_early() => Breaks("S9", Good with
    {
        Offsets = [new OffsetSample("offsets", 0, WallMicroseconds: 29_000_000, Partition: 0, Offset: 4)],
    });

    [Fact]
    public void An_offset_below_a_record_says_nothing_of_it() => Assert.Empty(CommittedOffsets.Breaches(Good with
    {
        Offsets = [new OffsetSample("offsets", 0, WallMicroseconds: 29_000_000, Partition: 0, Offset: 3)],
    }));

    [Fact]
    public void Two_turns_of_one_version_were_not_fenced() => Breaks("S10", Good with
    {
        Store = Good.Store with { Turns = Good.Store.Turns.Change(t => t is { Tenant: First, Version: 3 }, t => t with { Version = 2 }) },
    });

    [Theory]
    [InlineData(401)]
    [InlineData(500)]
    public void A_good_call_that_is_refused_is_a_wrong_answer(int status) => Breaks("A1", Good with
    {
        Deliveries = [.. Good.Deliveries, Good.Deliveries[0] with { Outcome = Outcome.Fail, Status = status }],
    });

    [Fact]
    public void A_bad_signature_that_is_accepted_is_a_wrong_answer() => Breaks("A1", Good with
    {
        Deliveries = [.. Good.Deliveries, Good.Deliveries[0] with { Intent = Intent.BadSignature, Messages = [new MessageKey(First, "forged", 1)] }],
    });

    [Fact]
    public void A_wait_that_was_given_up_is_no_liveness() => Breaks("L1", Good with { Drained = null, Left = "3 records unread" });

    [Fact]
    public void Neighbours_that_stand_still_while_an_engine_hangs_are_held_up()
    {
        var hang = new FaultEvent("faults", 40_000_000_000, 80_000_000_000, FaultNames.EngineHangs, First, []);

        Breaks("L2", Good with { Faults = [hang] });
        Assert.Empty(Neighbours.Breaches(Good with { Faults = [hang, hang with { Name = FaultNames.BrokerKill }] }));
    }

    [Fact]
    public void A_process_beyond_the_limit_is_too_large() => Breaks("R1", Good with { Memory = [new MemorySample("worker-1", 0, Resources.LimitKilobytes + 1)] });

    private static void Breaks(string invariant, Evidence evidence) =>
        Assert.Contains(Invariants.Check(evidence), v => v.Invariant.StartsWith(invariant + " ", StringComparison.Ordinal));
}
