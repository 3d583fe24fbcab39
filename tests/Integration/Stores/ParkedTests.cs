using System.Text.Json;
using Parley.Common.Conversations;
using Parley.Common.Stores;
using Parley.TestKit;

namespace Parley.Integration.Stores;

public sealed class ParkedTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task Parked_messages_are_kept_whole_and_in_order_with_the_commit_that_parks_them(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var first = Park(null, "p_1", "m1", "m2");
        var second = Park(first.State, "p_2", "m3");
        Assert.All(await test.Store.CommitAsync([first, second], Cancellation), o => Assert.Equal(CommitOutcome.Committed, o));

        var page = await test.Another().ReadParkedAsync(first.Key, 2, Cancellation);
        Assert.Equal(3, page.Total);
        Assert.Equal(JsonSerializer.Serialize(first.Parked), JsonSerializer.Serialize(page.Oldest));
        Assert.Equal(["m1", "m2", "m3"], (await test.Store.ReadParkedAsync(first.Key, 10, Cancellation)).Oldest.Select(p => p.Message.MessageId));
        Assert.Equal(ConversationStatus.Parked, (await test.Store.LoadAsync(first.Key, Cancellation))!.Status);
        Assert.True((await test.Store.FindSeenAsync([first.Messages[0].Message.Identity], Cancellation))[0].Facts.Parked);
        Assert.Equal(3, (await test.Store.ReadHistoryAsync(first.Key, 1, 10, Cancellation)).TotalMessages);
        Assert.Equal(0, (await test.Store.ReadParkedAsync(first.Key with { Tenant = "globex" }, 10, Cancellation)).Total);
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task A_commit_that_loses_parks_nothing(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var turn = Turns.Answer(Messages.Text("hello", id: "m1"));
        await test.Store.CommitAsync(turn, Cancellation);

        Assert.Equal(CommitOutcome.Conflict, await test.Store.CommitAsync(Park(null, "p_1", "m2"), Cancellation));
        Assert.Equal(CommitOutcome.Duplicate, await test.Store.CommitAsync(Park(turn.State, "p_2", "m1"), Cancellation));
        Assert.Equal(0, (await test.Store.ReadParkedAsync(turn.Key, 10, Cancellation)).Total);
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task A_release_takes_messages_off_the_list_and_makes_them_its_turns_own(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var parked = Park(null, "p_1", "m1", "m2");
        await test.Store.CommitAsync(parked, Cancellation);

        var release = Release(parked.State, parked.Parked[0]);
        Assert.Equal(CommitOutcome.Committed, await test.Store.CommitAsync(release, Cancellation));

        var left = await test.Store.ReadParkedAsync(parked.Key, 10, Cancellation);
        Assert.Equal((1L, "m2"), (left.Total, left.Oldest[0].Message.MessageId));
        var seen = await test.Store.FindSeenAsync([.. parked.Messages.Select(m => m.Message.Identity)], Cancellation);
        Assert.Equal([release.TurnId, "p_1"], seen.Select(s => s.TurnId));
        Assert.Equal(release.Replies[0].ReplyId, Assert.Single(seen[0].Replies).Reply.ReplyId);
        Assert.Equal([1L, 2L, 3L], (await test.Store.ReadHistoryAsync(parked.Key, 1, 10, Cancellation)).Entries.Select(e => e.Seq));
        Assert.Equal(CommitOutcome.Duplicate, await test.Store.CommitAsync(release, Cancellation));
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task What_is_released_and_parked_again_keeps_its_place_with_its_new_reason(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var parked = Park(null, "p_1", "m1", "m2");
        await test.Store.CommitAsync(parked, Cancellation);
        var again = Release(parked.State, parked.Parked[0]);
        again = again with
        {
            TurnId = "p_2",
            Replies = [],
            State = again.State with { LastSeq = parked.State.LastSeq, Status = ConversationStatus.Parked },
            Parked = [parked.Parked[0] with { Reason = "still broken", Attempts = 7, CommandId = "c_1" }],
        };

        Assert.Equal(CommitOutcome.Committed, await test.Store.CommitAsync(again, Cancellation));

        var page = await test.Store.ReadParkedAsync(parked.Key, 10, Cancellation);
        Assert.Equal(["m1", "m2"], page.Oldest.Select(p => p.Message.MessageId));
        Assert.Equal(("still broken", 7, "c_1"), (page.Oldest[0].Reason, page.Oldest[0].Attempts, page.Oldest[0].CommandId));
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task Pending_replies_of_a_conversation_are_found_in_their_order(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var turn = Turns.Answer(null, 3, Messages.Text("hello"));
        await test.Store.CommitAsync([turn, Turns.Answer(Messages.Text("hello", "other"))], Cancellation);
        var row = await test.Store.FindReplyAsync(turn.Key.Tenant, turn.Replies[1].ReplyId, Cancellation);
        await test.Store.TryUpdateLedgerAsync(row!, row! with { State = LedgerState.Sending, Attempt = 1 }, Cancellation);

        var pending = await test.Store.FindPendingRepliesAsync(turn.Key, Cancellation);
        Assert.Equal([turn.Replies[0].ReplyId, turn.Replies[2].ReplyId], pending.Select(r => r.ReplyId));
    }

    private static TurnCommit Park(ConversationState? after, string turnId, params string[] ids)
    {
        var turn = Turns.Answer(after, 0, [.. ids.Select(id => Messages.Text($"text of {id}", id: id))]);
        return turn with
        {
            TurnId = turnId,
            State = turn.State with { Status = ConversationStatus.Parked, ParkedReason = "it broke" },
            Parked = [.. turn.Messages.Select(m => new ParkedMessage(m.Message, m.Seq, "t_" + m.Message.MessageId, m.Partition, m.Offset, "it broke", 5, Turns.Noon))],
            Facts = new TurnFacts { Parked = true, Reason = "it broke" },
        };
    }

    private static TurnCommit Release(ConversationState after, ParkedMessage parked)
    {
        var turn = Turns.Answer(after, 1, parked.Message);
        return turn with
        {
            Messages = [],
            Replies = [turn.Replies[0] with { Seq = after.LastSeq + 1 }],
            State = turn.State with { LastSeq = after.LastSeq + 1 },
            Released = [parked],
        };
    }
}
