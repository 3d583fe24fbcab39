using System.Text.Json;
using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.TestKit;

namespace Parley.Integration.Stores;

public sealed class IdentityTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task The_same_ids_under_two_tenants_are_strangers(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var turns = new[] { "acme", "globex" }.Select(tenant =>
        {
            var turn = Turns.Answer(Messages.Text($"hello {tenant}", id: "m1", tenant: tenant) with { ConversationId = "c_same" });
            return turn with { TurnId = "t_same", Replies = [turn.Replies[0] with { TurnId = "t_same", ReplyId = "r_same" }] };
        }).ToList();
        Assert.All(await test.Store.CommitAsync(turns, Cancellation), outcome => Assert.Equal(CommitOutcome.Committed, outcome));

        var acme = await test.Store.FindReplyAsync("acme", "r_same", Cancellation);
        Assert.True(await test.Store.TryUpdateLedgerAsync(acme!, acme! with { State = LedgerState.Sending, Attempt = 1, ProviderMessageId = "p1" }, Cancellation));
        await test.Store.RecordAttemptAsync(new TurnAttempt(turns[0].Key, "t_other", "a1", AttemptState.Begun), Cancellation);

        Assert.Equal(LedgerState.Pending, (await test.Store.FindReplyAsync("globex", "r_same", Cancellation))!.State);
        Assert.Empty(await test.Store.ReadAttemptsAsync(turns[1].Key, Cancellation));
        Assert.Null(await test.Store.ApplyReceiptAsync(Receipts.Of(turns[1], DeliveryStatus.Read) with { ReplyId = null, ProviderMessageId = "p1" }, Cancellation));
        foreach (var turn in turns)
        {
            var seen = Assert.Single(await test.Store.FindSeenAsync([turn.Messages[0].Message.Identity], Cancellation));
            Assert.Equal(turn.Key, seen.Key);
            Assert.Equal(turn.Replies[0].Content.Text, Assert.Single(seen.Replies).Reply.Content.Text);
            Assert.Equal(2, (await test.Store.ReadHistoryAsync(turn.Key, 1, 10, Cancellation)).Entries.Count);
        }
    }

    public static TheoryData<string, string> OddIds
    {
        get
        {
            var ids = new[]
            {
                new string('x', 256), string.Concat(Enumerable.Repeat("漢", 256)), string.Concat(Enumerable.Repeat("🎈", 128)), new string('\\', 256),
                "a\0b", "\0", "\\0", "\\", "a'b\"c;--", " ", "\t\r\n", "é", "e\u0301", "%_", "{rows}", "$1",
            };
            var data = new TheoryData<string, string>();
            foreach (var kind in new[] { StoreOptions.Sqlite, StoreOptions.PostgreSql }) data.Add(kind, JsonSerializer.Serialize(ids));
            return data;
        }
    }

    [Theory, MemberData(nameof(OddIds))]
    public async Task Any_id_within_the_limits_is_kept_as_it_is(string kind, string json)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var ids = JsonSerializer.Deserialize<string[]>(json)!;
        var turns = ids.Select(id => Turns.Answer(Messages.Text(id, participant: id, id: id, account: id) with { ConversationId = id })).ToList();

        Assert.All(await test.Store.CommitAsync(turns, Cancellation), outcome => Assert.Equal(CommitOutcome.Committed, outcome));

        var seen = await test.Store.FindSeenAsync([.. turns.Select(t => t.Messages[0].Message.Identity)], Cancellation);
        Assert.Equal(ids, seen.Select(s => s.Identity.MessageId));
        Assert.Equal(ids, seen.Select(s => s.Key.ConversationId));
        Assert.Equal(ids, seen.Select(s => s.Replies.Single().Reply.To));
        foreach (var turn in turns)
        {
            Assert.Equal(turn.Key.ConversationId, (await test.Store.LoadAsync(turn.Key, Cancellation))!.Account);
            Assert.Equal(CommitOutcome.Conflict, await test.Store.CommitAsync(Turns.Answer(Messages.Text("again") with { ConversationId = turn.Key.ConversationId }), Cancellation));
        }
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task A_seen_message_brings_its_turn_and_all_its_replies(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var first = Turns.Answer(Messages.Text("before"));
        var turn = Turns.Answer(first.State, 3, Messages.Text("one"), Messages.Text("two"));
        var after = Turns.Answer(turn.State, 0, Messages.Text("silent"));
        await test.Store.CommitAsync([first, turn, after], Cancellation);

        var seen = await test.Store.FindSeenAsync(
            [turn.Messages[1].Message.Identity, Messages.Text("never").Identity, turn.Messages[0].Message.Identity, after.Messages[0].Message.Identity], Cancellation);

        Assert.Equal([turn.TurnId, turn.TurnId, after.TurnId], seen.Select(s => s.TurnId));
        Assert.All(seen.Take(2), s => Assert.Equal(turn.Replies.Select(r => r.ReplyId), s.Replies.Select(r => r.Reply.ReplyId)));
        Assert.All(seen[0].Replies, r => Assert.Equal((LedgerState.Pending, DeliveryStatus.Pending), (r.State, r.Delivery)));
        Assert.Empty(seen[2].Replies);
        Assert.Equal(JsonSerializer.Serialize(turn.Facts), JsonSerializer.Serialize(seen[0].Facts));
        Assert.Equal(turn.Messages[1].Message.Identity, seen[0].Identity);
        Assert.Empty(await test.Store.FindSeenAsync([], Cancellation));
    }
}
