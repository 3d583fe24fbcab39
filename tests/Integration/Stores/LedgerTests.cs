using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.TestKit;

namespace Parley.Integration.Stores;

public sealed class LedgerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task A_committed_reply_is_pending_and_a_row_is_written_as_given(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var (turn, pending) = await ReplyAsync(test.Store);
        var sending = pending with
        {
            State = LedgerState.Sending, Attempt = 1, PartsSent = 2, Owner = "host-1", Deadline = Turns.Noon.AddSeconds(30), Reason = "why \0 not",
        };

        Assert.Equal(new LedgerEntry { Tenant = "demo", ReplyId = turn.Replies[0].ReplyId, State = LedgerState.Pending }, pending);
        Assert.True(await test.Store.TryUpdateLedgerAsync(pending, sending, Cancellation));

        Assert.Equal(sending, await test.Another().FindReplyAsync("demo", pending.ReplyId, Cancellation));
        Assert.Null(await test.Store.FindReplyAsync("demo", "r_none", Cancellation));
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task A_row_is_written_only_from_the_state_attempt_and_owner_that_were_read(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var (_, pending) = await ReplyAsync(test.Store);
        var first = pending with { State = LedgerState.Sending, Attempt = 1, Owner = "one" };
        Assert.True(await test.Store.TryUpdateLedgerAsync(pending, first, Cancellation));
        Assert.False(await test.Store.TryUpdateLedgerAsync(first with { Owner = "two" }, first with { State = LedgerState.Sent }, Cancellation));
        Assert.False(await test.Store.TryUpdateLedgerAsync(first with { Owner = null }, first with { State = LedgerState.Sent }, Cancellation));
        Assert.True(await test.Store.TryUpdateLedgerAsync(first, first with { State = LedgerState.Pending }, Cancellation));

        // Pending again, but after an attempt: not what was read at first.
        Assert.False(await test.Store.TryUpdateLedgerAsync(pending, first with { Owner = "two" }, Cancellation));
        Assert.False(await test.Store.TryUpdateLedgerAsync(first, first with { State = LedgerState.Sent }, Cancellation));
        Assert.False(await test.Store.TryUpdateLedgerAsync(pending with { ReplyId = "r_none" }, first with { ReplyId = "r_none" }, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => test.Store.TryUpdateLedgerAsync(pending, first with { ReplyId = "r_2" }, Cancellation));
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task Of_many_dispatchers_one_gets_the_attempt(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var (_, pending) = await ReplyAsync(test.Store);
        var stores = new[] { test.Store, test.Another(), test.Another() };

        var won = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => Task.Run(() => stores[i % 3].TryUpdateLedgerAsync(
            pending, pending with { State = LedgerState.Sending, Attempt = 1, Owner = $"{i}" }, Cancellation))));

        var winner = Assert.Single(won.Index(), w => w.Item).Index;
        Assert.Equal($"{winner}", (await test.Store.FindReplyAsync("demo", pending.ReplyId, Cancellation))!.Owner);
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task A_provider_id_is_kept_until_another_one_comes(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var (turn, pending) = await ReplyAsync(test.Store);
        var unknown = pending with { State = LedgerState.Unknown, Attempt = 1, ProviderMessageId = "p1" };
        await test.Store.TryUpdateLedgerAsync(pending, unknown, Cancellation);

        Assert.True(await test.Store.TryUpdateLedgerAsync(unknown, unknown with { State = LedgerState.Sending, Attempt = 2, ProviderMessageId = null }, Cancellation));

        Assert.NotNull(await test.Store.ApplyReceiptAsync(ByProvider(turn, "p1", DeliveryStatus.Sent), Cancellation));
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task A_receipt_finds_its_reply_by_our_id_first_and_then_by_the_channels(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var (one, first) = await ReplyAsync(test.Store, "user-1");
        var (two, second) = await ReplyAsync(test.Store, "user-2");
        await test.Store.TryUpdateLedgerAsync(first, first with { State = LedgerState.Sent, Attempt = 1, ProviderMessageId = "p1" }, Cancellation);
        await test.Store.TryUpdateLedgerAsync(second, second with { State = LedgerState.Sent, Attempt = 1, ProviderMessageId = "p2" }, Cancellation);

        var ours = await test.Store.ApplyReceiptAsync(Receipts.Of(one, DeliveryStatus.Sent, providerId: "p2"), Cancellation);
        var theirs = await test.Store.ApplyReceiptAsync(ByProvider(one, "p2", DeliveryStatus.Read), Cancellation);
        var fallback = await test.Store.ApplyReceiptAsync(ByProvider(two, "p1", DeliveryStatus.Delivered) with { ReplyId = "r_none" }, Cancellation);

        Assert.Equal((one.Replies[0].ReplyId, DeliveryStatus.Sent, true), (ours!.ReplyId, ours.Delivery, ours.Changed));
        Assert.Equal((two.Replies[0].ReplyId, DeliveryStatus.Read), (theirs!.ReplyId, theirs.Delivery));
        Assert.Equal((one.Replies[0].ReplyId, DeliveryStatus.Delivered), (fallback!.ReplyId, fallback.Delivery));
        Assert.Null(await test.Store.ApplyReceiptAsync(ByProvider(one, "p1", DeliveryStatus.Read) with { Account = "another" }, Cancellation));
        Assert.Null(await test.Store.ApplyReceiptAsync(ByProvider(one, "p9", DeliveryStatus.Read), Cancellation));
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task A_receipt_settles_a_sending_and_leaves_the_conversation_alone(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        foreach (var state in new[] { LedgerState.Pending, LedgerState.Sending, LedgerState.Unknown })
        {
            foreach (var (status, settled) in new[] { (DeliveryStatus.Accepted, LedgerState.Sent), (DeliveryStatus.Read, LedgerState.Sent), (DeliveryStatus.Failed, LedgerState.Failed), (DeliveryStatus.Unknown, state) })
            {
                var (turn, pending) = await ReplyAsync(test.Store, $"{state}-{status}");
                await test.Store.TryUpdateLedgerAsync(pending, pending with { State = state, Attempt = 1 }, Cancellation);

                var outcome = await test.Store.ApplyReceiptAsync(Receipts.Of(turn, status, status == DeliveryStatus.Failed ? "code 7" : null, $"p-{state}-{status}"), Cancellation);

                var row = await test.Store.FindReplyAsync("demo", pending.ReplyId, Cancellation);
                Assert.Equal((settled, 1, $"p-{state}-{status}", status == DeliveryStatus.Failed ? "code 7" : null), (row!.State, row.Attempt, row.ProviderMessageId, row.Reason));
                Assert.Equal(status, outcome!.Delivery);
                Assert.Equal(1, (await test.Store.LoadAsync(turn.Key, Cancellation))!.Version);
            }
        }
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task A_receipt_that_comes_again_or_late_changes_nothing(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var (turn, _) = await ReplyAsync(test.Store);

        var outcomes = new List<ReceiptOutcome?>();
        foreach (var status in new[] { DeliveryStatus.Delivered, DeliveryStatus.Delivered, DeliveryStatus.Sent, DeliveryStatus.Failed, DeliveryStatus.Read })
        {
            outcomes.Add(await test.Store.ApplyReceiptAsync(Receipts.Of(turn, status), Cancellation));
        }

        Assert.Equal([true, false, false, false, true], outcomes.Select(o => o!.Changed));
        Assert.Equal(DeliveryStatus.Read, outcomes[^1]!.Delivery);
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task A_reply_that_is_sent_is_accepted_without_a_receipt_unless_it_is_further(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        foreach (var (told, delivery) in new (DeliveryStatus?, DeliveryStatus)[]
        {
            (null, DeliveryStatus.Accepted), (DeliveryStatus.Unknown, DeliveryStatus.Accepted), (DeliveryStatus.Sent, DeliveryStatus.Sent), (DeliveryStatus.Failed, DeliveryStatus.Failed),
        })
        {
            var (turn, row) = await ReplyAsync(test.Store, $"{told}");
            if (told is { } status) await test.Store.ApplyReceiptAsync(Receipts.Of(turn, status, "why"), Cancellation);
            row = (await test.Store.FindReplyAsync("demo", row.ReplyId, Cancellation))!;

            Assert.True(await test.Store.TryUpdateLedgerAsync(row, row with { State = LedgerState.Sent, Attempt = 1, ProviderMessageId = "p1", Reason = null }, Cancellation));

            var entry = (await test.Store.ReadHistoryAfterAsync(turn.Key, 1, 1, Cancellation))[0];
            Assert.Equal((delivery, delivery == DeliveryStatus.Failed ? "why" : null), (entry.Delivery, entry.DeliveryReason));
        }
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task Of_several_acceptances_of_a_reply_at_most_one_moves_its_delivery(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var (one, sent) = await ReplyAsync(test.Store, "user-1");
        var (two, pending) = await ReplyAsync(test.Store, "user-2");
        await test.Store.TryUpdateLedgerAsync(sent, sent with { State = LedgerState.Sent, Attempt = 1, ProviderMessageId = "p1" }, Cancellation);
        var (known, news) = (Receipts.Of(one, DeliveryStatus.Accepted, providerId: "p1"), Receipts.Of(two, DeliveryStatus.Accepted, providerId: "p2"));

        // At once: some of them share a transaction.
        var receipts = new[] { known, news, known, known with { ReplyId = "r_none", ProviderMessageId = null }, news };
        var outcomes = await Task.WhenAll(receipts.Select(r => test.Store.ApplyReceiptAsync(r, Cancellation)));

        Assert.Null(outcomes[3]);
        Assert.All(outcomes.Where(o => o is not null), o => Assert.Equal(DeliveryStatus.Accepted, o!.Delivery));
        Assert.Equal([(sent.ReplyId, false), (sent.ReplyId, false)], new[] { outcomes[0], outcomes[2] }.Select(o => (o!.ReplyId, o.Changed)));
        Assert.Single(outcomes, o => o?.ReplyId == pending.ReplyId && o.Changed);
        foreach (var (row, id) in new[] { (sent, "p1"), (pending, "p2") })
        {
            var now = (await test.Store.FindReplyAsync("demo", row.ReplyId, Cancellation))!;
            Assert.Equal((LedgerState.Sent, id), (now.State, now.ProviderMessageId));
        }
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task Receipts_in_any_order_end_in_the_same_row(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var all = Enum.GetValues<DeliveryStatus>().Where(s => s != DeliveryStatus.Pending).ToArray();
        for (var round = 0; round < 8; round++)
        {
            var told = Enumerable.Range(0, random.Next(2, 6)).Select(i => (Status: all[random.Next(all.Length)], Reason: $"reason {random.Next(3)}")).ToArray();
            var state = new[] { LedgerState.Sending, LedgerState.Unknown, LedgerState.Sent, LedgerState.Failed }[random.Next(4)];
            var ends = new HashSet<(LedgerState, string?, DeliveryStatus, string?)>();
            for (var order = 0; order < 4; order++)
            {
                random.Shuffle(told);
                var (turn, pending) = await ReplyAsync(test.Store, $"{round}-{order}");
                await test.Store.TryUpdateLedgerAsync(pending, pending with { State = state, Attempt = 1, Owner = "one" }, Cancellation);

                // At once: some of them share a transaction.
                var receipts = told.Select(t => Receipts.Of(turn, t.Status, t.Status is DeliveryStatus.Failed or DeliveryStatus.Unknown ? t.Reason : null, "p"));
                await Task.WhenAll(receipts.Select(r => test.Store.ApplyReceiptAsync(r, Cancellation)));

                var row = await test.Store.FindReplyAsync("demo", pending.ReplyId, Cancellation);
                var entry = (await test.Store.ReadHistoryAfterAsync(turn.Key, 1, 1, Cancellation))[0];
                ends.Add((row!.State, row.Reason, entry.Delivery, entry.DeliveryReason));
            }

            Assert.True(ends.Count == 1, $"seed {seed}: {string.Join(", ", told)} on {state} ended in {string.Join(" or ", ends)}");
        }
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task Replies_that_nobody_looks_after_are_found_oldest_first(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var rows = new Dictionary<string, LedgerEntry>();
        foreach (var name in new[] { "made", "later", "trusted", "given-up", "sending", "dead", "sent", "failed", "unknown" })
        {
            var created = Turns.Noon.AddSeconds(name == "later" ? 100 : name == "made" ? -5 : 0);
            rows[name] = (await ReplyAsync(test.Store, name, created)).Ledger;
        }

        async Task WriteAsync(string name, LedgerState state, int? deadline) => Assert.True(await test.Store.TryUpdateLedgerAsync(
            rows[name], rows[name] with { State = state, Attempt = 1, Deadline = deadline is { } s ? Turns.Noon.AddSeconds(s) : null }, Cancellation));
        await WriteAsync("trusted", LedgerState.Pending, 90);
        await WriteAsync("given-up", LedgerState.Pending, 20);
        await WriteAsync("sending", LedgerState.Sending, 60);
        await WriteAsync("dead", LedgerState.Sending, 10);
        await WriteAsync("sent", LedgerState.Sent, null);
        await WriteAsync("failed", LedgerState.Failed, 1);
        await WriteAsync("unknown", LedgerState.Unknown, 1);

        var owed = await test.Store.FindOwedRepliesAsync(Turns.Noon.AddSeconds(50), 10, Cancellation);

        Assert.Equal(["made", "dead", "given-up"], owed.Select(o => o.Reply.To));
        Assert.Equal([LedgerState.Pending, LedgerState.Sending, LedgerState.Pending], owed.Select(o => o.Ledger.State));
        Assert.Equal(rows["made"], owed[0].Ledger);
        Assert.Equal(["made", "dead"], (await test.Store.FindOwedRepliesAsync(Turns.Noon.AddSeconds(50), 2, Cancellation)).Select(o => o.Reply.To));
        Assert.Equal(6, (await test.Store.FindOwedRepliesAsync(Turns.Noon.AddSeconds(500), 100, Cancellation)).Count);
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task A_claim_holds_only_while_the_conversation_has_not_been_handed_over(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var (turn, pending) = await ReplyAsync(test.Store);
        var attempt = pending with { State = LedgerState.Sending, Attempt = 1, Owner = "one" };
        var handedOver = Turns.Answer(Messages.Text("a person, please", id: "m-2"), turn.State);
        handedOver = handedOver with { State = handedOver.State with { OwnershipEpoch = 1 } };
        Assert.Equal(CommitOutcome.Committed, await test.Store.CommitAsync(handedOver, Cancellation));

        Assert.False(await test.Store.TryClaimAsync(pending, attempt, epoch: 0, Cancellation));
        Assert.Equal(pending, await test.Store.FindReplyAsync("demo", pending.ReplyId, Cancellation));
        Assert.True(await test.Store.TryClaimAsync(pending, attempt, epoch: 1, Cancellation));
        Assert.False(await test.Store.TryClaimAsync(pending, attempt with { Owner = "two" }, epoch: 1, Cancellation));
    }

    /// <summary>A stored reply and its row.</summary>
    private static async Task<(TurnCommit Turn, LedgerEntry Ledger)> ReplyAsync(IConversationStore store, string participant = "user-1", DateTimeOffset? created = null)
    {
        var turn = Turns.Answer(Messages.Text("hello", participant));
        if (created is { } at) turn = turn with { Replies = [turn.Replies[0] with { CreatedAt = at }] };
        Assert.Equal(CommitOutcome.Committed, await store.CommitAsync(turn, Cancellation));
        return (turn, (await store.FindReplyAsync("demo", turn.Replies[0].ReplyId, Cancellation))!);
    }

    private static Receipt ByProvider(TurnCommit turn, string providerId, DeliveryStatus status) =>
        Receipts.Of(turn, status, providerId: providerId) with { ReplyId = null };
}
