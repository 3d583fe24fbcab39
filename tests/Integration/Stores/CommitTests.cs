using System.Text.Json;
using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.TestKit;

namespace Parley.Integration.Stores;

public sealed class CommitTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task A_conversation_that_was_never_committed_is_null(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);

        Assert.Null(await test.Store.LoadAsync(new ConversationKey("demo", "c_1"), Cancellation));
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task What_was_committed_is_loaded(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var turn = Turns.Answer(Messages.Text("hello"));
        var state = turn.State with
        {
            Status = ConversationStatus.Parked,
            ParkedReason = "poison \u0000 \\ 🎈",
            OwnershipEpoch = 3,
            Session = new Session("s_1", Turns.Noon, Turns.Noon.AddTicks(1)),
            Context = JsonElement.Parse("""{"nested":{"list":[1,2.5,null,"ü"]}}"""),
        };

        Assert.Equal(CommitOutcome.Committed, await test.Store.CommitAsync(turn with { State = state }, Cancellation));

        var loaded = await test.Another().LoadAsync(turn.Key, Cancellation);
        Assert.Equal(JsonSerializer.Serialize(state), JsonSerializer.Serialize(loaded));
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task A_turn_computed_from_another_version_conflicts(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var first = Turns.Answer(Messages.Text("one"));
        var second = Turns.Answer(Messages.Text("two"), first.State);
        await test.Store.CommitAsync(first, Cancellation);
        await test.Store.CommitAsync(second, Cancellation);

        var stale = Turns.Answer(Messages.Text("three"), first.State);
        var unborn = Turns.Answer(Messages.Text("four"));
        var ahead = Turns.Answer(Messages.Text("five"), second.State with { Version = 7 });
        var nowhere = Turns.Answer(Messages.Text("six", participant: "nobody"), first.State);
        foreach (var turn in new[] { stale, unborn, ahead, nowhere })
        {
            Assert.Equal(CommitOutcome.Conflict, await test.Store.CommitAsync(turn, Cancellation));
        }

        Assert.Equal(2, (await test.Store.LoadAsync(first.Key, Cancellation))!.Version);
        Assert.Null(await test.Store.LoadAsync(nowhere.Key, Cancellation));
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task A_message_is_committed_once_in_whatever_conversation(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var first = Turns.Answer(Messages.Text("hello", id: "m1"));
        await test.Store.CommitAsync(first, Cancellation);

        var again = Turns.Answer(Messages.Text("hello", id: "m1"), first.State);
        var elsewhere = Turns.Answer(null, 1, Messages.Text("new", "user-2", "m2"), Messages.Text("hello", "user-2", "m1"));
        Assert.Equal(CommitOutcome.Duplicate, await test.Store.CommitAsync(again, Cancellation));
        Assert.Equal(CommitOutcome.Duplicate, await test.Store.CommitAsync(elsewhere, Cancellation));

        // Neither the conversation nor the other message of the losing turn is there.
        Assert.Null(await test.Store.LoadAsync(elsewhere.Key, Cancellation));
        Assert.Empty(await test.Store.FindSeenAsync([elsewhere.Messages[0].Message.Identity], Cancellation));
        Assert.Equal(CommitOutcome.Committed, await test.Store.CommitAsync(Turns.Answer(Messages.Text("new", "user-2", "m2")), Cancellation));
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task A_message_id_counts_per_channel_and_account(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);

        var outcomes = await test.Store.CommitAsync(
            [
                Turns.Answer(Messages.Text("a", id: "m1")),
                Turns.Answer(Messages.Text("a", id: "m1", account: "other-site")),
                Turns.Answer(Messages.Text("a", id: "m1", channel: ChannelNames.WhatsApp)),
            ],
            Cancellation);

        Assert.All(outcomes, outcome => Assert.Equal(CommitOutcome.Committed, outcome));
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task A_losing_turn_leaves_nothing_and_its_neighbours_commit(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var known = Turns.Answer(Messages.Text("hello", "known", "m0"));
        await test.Store.CommitAsync(known, Cancellation);

        var before = Turns.Answer(Messages.Text("a", "before"));
        var conflict = Turns.Answer(Messages.Text("b", "known", "m1"));
        var duplicate = Turns.Answer(null, 2, Messages.Text("c", "fresh", "m2"), Messages.Text("d", "fresh", "m0"));
        var after = Turns.Answer(Messages.Text("e", "after"));
        var outcomes = await test.Store.CommitAsync([before, conflict, duplicate, after], Cancellation);

        Assert.Equal([CommitOutcome.Committed, CommitOutcome.Conflict, CommitOutcome.Duplicate, CommitOutcome.Committed], outcomes);
        foreach (var winner in new[] { before, after })
        {
            Assert.Equal(2, (await test.Store.ReadHistoryAsync(winner.Key, 1, 10, Cancellation)).TotalMessages);
            Assert.NotNull(await test.Store.FindReplyAsync("demo", winner.Replies[0].ReplyId, Cancellation));
        }

        foreach (var loser in new[] { conflict, duplicate })
        {
            Assert.Null(await test.Store.FindReplyAsync("demo", loser.Replies[0].ReplyId, Cancellation));
            Assert.Empty(await test.Store.FindSeenAsync([loser.Messages[0].Message.Identity], Cancellation));
        }

        Assert.Null(await test.Store.LoadAsync(duplicate.Key, Cancellation));
        Assert.Equal(2, (await test.Store.ReadHistoryAsync(known.Key, 1, 10, Cancellation)).Entries.Count);
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task Turns_of_one_conversation_in_one_group_follow_each_other_or_conflict(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var first = Turns.Answer(Messages.Text("one"));
        var rival = Turns.Answer(Messages.Text("rival"));
        var second = Turns.Answer(Messages.Text("two"), first.State);
        var third = Turns.Answer(Messages.Text("three"), second.State);

        var outcomes = await test.Store.CommitAsync([first, rival, second, third, second], Cancellation);

        Assert.Equal([CommitOutcome.Committed, CommitOutcome.Conflict, CommitOutcome.Committed, CommitOutcome.Committed, CommitOutcome.Duplicate], outcomes);
        var history = await test.Store.ReadHistoryAsync(first.Key, 1, 10, Cancellation);
        Assert.Equal(["one", "two", "three"], history.Entries.Where(e => e.Message is not null).Select(e => e.Message!.Content.Text));
        Assert.Equal(3, (await test.Store.LoadAsync(first.Key, Cancellation))!.Version);
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task A_message_that_a_loser_of_the_group_claimed_is_free_for_the_next(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var stale = Turns.Answer(Messages.Text("x", "user-1", "m1"), new ConversationState { Version = 4, LastSeq = 9, Channel = "web", Account = "site", Participant = new Participant("user-1") });
        var good = Turns.Answer(Messages.Text("x", "user-2", "m1"));
        var late = Turns.Answer(Messages.Text("x", "user-3", "m1"));

        var outcomes = await test.Store.CommitAsync([stale, good, late], Cancellation);

        Assert.Equal([CommitOutcome.Conflict, CommitOutcome.Committed, CommitOutcome.Duplicate], outcomes);
        Assert.Equal(good.Key, Assert.Single(await test.Store.FindSeenAsync([good.Messages[0].Message.Identity], Cancellation)).Key);
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task A_change_that_no_message_caused_is_a_turn_too(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var turn = Turns.Answer(Messages.Text("hello"));
        await test.Store.CommitAsync(turn, Cancellation);
        var close = turn with
        {
            ExpectedVersion = 1, State = turn.State with { Version = 2, Status = ConversationStatus.Closed }, TurnId = "close-1", Messages = [], Replies = [],
        };

        Assert.Equal(CommitOutcome.Committed, await test.Store.CommitAsync(close, Cancellation));
        Assert.Equal(CommitOutcome.Duplicate, await test.Store.CommitAsync(close with { ExpectedVersion = 2, State = close.State with { Version = 3 } }, Cancellation));

        Assert.Equal(ConversationStatus.Closed, (await test.Store.LoadAsync(turn.Key, Cancellation))!.Status);
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task Of_fifty_committers_at_once_each_version_has_one_winner(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var stores = new[] { test.Another(), test.Another() };
        ConversationState? state = null;
        for (var version = 0; version < 3; version++)
        {
            var turns = Enumerable.Range(0, 50).Select(i => Turns.Answer(Messages.Text($"{i}"), state)).ToList();

            // Some alone, some in groups with turns of their own neighbours.
            var outcomes = await Task.WhenAll(turns.Select((turn, i) => Task.Run(async () =>
            {
                var neighbour = Turns.Answer(Messages.Text("n", $"neighbour-{i}-{Guid.NewGuid():N}"));
                var group = i % 2 == 0 ? new[] { turn } : [neighbour, turn];
                return (await stores[i % 2].CommitAsync(group, Cancellation))[^1];
            })));

            Assert.Equal(1, outcomes.Count(o => o == CommitOutcome.Committed));
            Assert.Equal(49, outcomes.Count(o => o == CommitOutcome.Conflict));
            state = await test.Store.LoadAsync(turns[0].Key, Cancellation);
            Assert.Equal(version + 1, state!.Version);
        }

        var history = await test.Store.ReadHistoryAsync(Messages.Text("").Key, 1, 100, Cancellation);
        Assert.Equal([1, 2, 3, 4, 5, 6], history.Entries.Select(e => (int)e.Seq));
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task Groups_that_share_conversations_and_messages_in_any_order_all_end(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var random = new Random(7);
        var committed = new int[20];

        await Task.WhenAll(Enumerable.Range(0, 12).Select(group =>
        {
            var turns = Enumerable.Range(0, 20).Select(i => Turns.Answer(Messages.Text("x", $"user-{i}", $"m{(i + group) % 20}"))).ToArray();
            random.Shuffle(turns);
            return Task.Run(async () =>
            {
                var outcomes = await test.Store.CommitAsync(turns, Cancellation);
                for (var i = 0; i < turns.Length; i++)
                {
                    if (outcomes[i] != CommitOutcome.Committed) continue;
                    Interlocked.Increment(ref committed[int.Parse(turns[i].Messages[0].Message.Participant.Id[5..], null)]);
                }
            });
        }));

        Assert.All(committed, count => Assert.InRange(count, 0, 1));
        var all = Enumerable.Range(0, 20).Select(i => Messages.Text("x", "any", $"m{i}").Identity).ToList();
        var seen = await test.Store.FindSeenAsync(all, Cancellation);
        Assert.Equal(committed.Sum(), seen.Count);
        Assert.Equal(seen.Count, seen.Select(s => s.Key).Distinct().Count());
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task A_turn_that_contradicts_itself_is_a_mistake_that_names_the_member(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var turn = Turns.Answer(null, 2, Messages.Text("a", id: "m1"), Messages.Text("b", id: "m2"));
        var stranger = Messages.Text("c", "user-2");
        var wrong = new (string Names, TurnCommit Turn)[]
        {
            ("ExpectedVersion", turn with { ExpectedVersion = -1 }),
            ("State.Version", turn with { State = turn.State with { Version = 5 } }),
            ("Messages", turn with { Messages = [turn.Messages[0], new CommittedMessage(stranger, 2, 0, 0)] }),
            ("Messages", turn with { Messages = [turn.Messages[0], turn.Messages[0] with { Seq = 2 }] }),
            ("Replies", turn with { Replies = [turn.Replies[0], turn.Replies[1] with { Tenant = "globex" }] }),
            ("Replies", turn with { Replies = [turn.Replies[0], turn.Replies[1] with { TurnId = "t_2" }] }),
            ("Replies", turn with { Replies = [turn.Replies[0], turn.Replies[0] with { Seq = 4 }] }),
            ("Seq", turn with { Replies = [turn.Replies[0], turn.Replies[1] with { Seq = 3 }] }),
            ("State.LastSeq", turn with { State = turn.State with { LastSeq = 3 } }),
            ("Seq", turn with { State = turn.State with { LastSeq = 5 } }),
            ("Parked", turn with { Parked = [new ParkedMessage(stranger, 1, "t_1", 0, 0, "x", 1, Turns.Noon)] }),
            ("Released", turn with { Released = [new ParkedMessage(stranger, 1, "t_1", 0, 0, "x", 1, Turns.Noon)] }),
        };

        foreach (var (names, bad) in wrong)
        {
            var refused = await Assert.ThrowsAsync<ArgumentException>(() => test.Store.CommitAsync([bad], Cancellation));
            Assert.Contains(names, refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(CommitOutcome.Committed, await test.Store.CommitAsync(turn, Cancellation));
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task A_call_that_is_cancelled_writes_nothing(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var turn = Turns.Answer(Messages.Text("hello"));
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => test.Store.CommitAsync([turn], cancelled.Token));

        Assert.Null(await test.Store.LoadAsync(turn.Key, Cancellation));
        Assert.Equal(CommitOutcome.Committed, await test.Store.CommitAsync(turn, Cancellation));
    }
}
