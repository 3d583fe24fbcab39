using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.TestKit;

namespace Parley.Integration.Stores;

public sealed class HistoryTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task Both_directions_stand_in_one_order(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var turns = await TalkAsync(test.Store, turns: 3);

        var history = await test.Store.ReadHistoryAsync(turns[0].Key, 1, 100, Cancellation);

        Assert.Equal(Enumerable.Range(1, 9).Select(i => (long)i), history.Entries.Select(e => e.Seq));
        Assert.Equal(
            turns.SelectMany(t => t.Messages.Select(m => m.Message.MessageId).Concat(t.Replies.Select(r => r.ReplyId))),
            history.Entries.Select(e => e.Message?.MessageId ?? e.Reply!.ReplyId));
        Assert.All(history.Entries, e => Assert.True(e.Message is null != e.Reply is null));
        Assert.Equal(9, history.TotalMessages);
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task Pages_cut_the_history_without_overlap_or_gap(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var turns = await TalkAsync(test.Store, turns: 5);

        var pages = new List<HistoryPage>();
        for (var page = 1; page <= 5; page++) pages.Add(await test.Store.ReadHistoryAsync(turns[0].Key, page, 4, Cancellation));

        Assert.Equal([4, 4, 4, 3, 0], pages.Select(p => p.Entries.Count));
        Assert.Equal(Enumerable.Range(1, 15).Select(i => (long)i), pages.SelectMany(p => p.Entries).Select(e => e.Seq));
        Assert.All(pages, p => Assert.Equal(15, p.TotalMessages));
        Assert.Empty((await test.Store.ReadHistoryAsync(turns[0].Key, int.MaxValue, 100, Cancellation)).Entries);
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task Reading_after_a_sequence_gives_the_next_entries(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var turns = await TalkAsync(test.Store, turns: 4);

        var next = await test.Store.ReadHistoryAfterAsync(turns[0].Key, 5, 4, Cancellation);

        Assert.Equal([6L, 7L, 8L, 9L], next.Select(e => e.Seq));
        Assert.Equal(12, (await test.Store.ReadHistoryAfterAsync(turns[0].Key, 0, 1000, Cancellation)).Count);
        Assert.Empty(await test.Store.ReadHistoryAfterAsync(turns[0].Key, 12, 10, Cancellation));
        Assert.Empty(await test.Store.ReadHistoryAfterAsync(turns[0].Key, long.MaxValue, 10, Cancellation));
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task An_unknown_conversation_has_an_empty_history(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var key = new ConversationKey("demo", "c_nobody");

        var history = await test.Store.ReadHistoryAsync(key, 1, 20, Cancellation);

        Assert.Equal(0, history.TotalMessages);
        Assert.Empty(history.Entries);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => test.Store.ReadHistoryAsync(key, 0, 20, Cancellation));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => test.Store.ReadHistoryAsync(key, 1, 0, Cancellation));
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task A_reply_shows_its_delivery_and_why_it_failed(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var turns = await TalkAsync(test.Store, turns: 1);
        await test.Store.ApplyReceiptAsync(Receipts.Of(turns[0], DeliveryStatus.Failed, "131047: window closed"), Cancellation);

        var entries = (await test.Store.ReadHistoryAsync(turns[0].Key, 1, 10, Cancellation)).Entries;

        Assert.Equal([(DeliveryStatus.Pending, null), (DeliveryStatus.Failed, "131047: window closed"), (DeliveryStatus.Pending, null)],
            entries.Select(e => (e.Delivery, e.DeliveryReason)));
    }

    /// <summary>Turns of one message and two replies each.</summary>
    private static async Task<List<TurnCommit>> TalkAsync(IConversationStore store, int turns)
    {
        var talk = new List<TurnCommit>();
        for (var i = 0; i < turns; i++)
        {
            var turn = Turns.Answer(Messages.Text($"message {i}"), talk.LastOrDefault()?.State, replies: 2);
            Assert.Equal(CommitOutcome.Committed, await store.CommitAsync(turn, Cancellation));
            talk.Add(turn);
        }

        return talk;
    }
}
