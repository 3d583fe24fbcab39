using Parley.Common.Conversations;
using Parley.Common.Stores;
using Parley.TestKit;

namespace Parley.Integration.Stores;

public sealed class AttemptTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task Attempts_are_counted_by_how_they_ended_until_their_conversation_commits(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var turn = Turns.Answer(Messages.Text("hello"));
        var other = Turns.Answer(Messages.Text("hello", "other"));
        Assert.Empty(await test.Store.ReadAttemptsAsync(turn.Key, Cancellation));

        await RecordAsync(test.Store, turn.Key, "a1", AttemptState.Begun);
        Assert.Equal([new AttemptCount("t_1", 0, 1)], await test.Another().ReadAttemptsAsync(turn.Key, Cancellation));
        await RecordAsync(test.Another(), turn.Key, "a1", AttemptState.Failed);
        await RecordAsync(test.Store, turn.Key, "a2", AttemptState.Failed);
        await RecordAsync(test.Store, turn.Key, "a3", AttemptState.Begun);
        await RecordAsync(test.Store, turn.Key, "a4", AttemptState.Begun);
        await RecordAsync(test.Store, turn.Key, "a4", AttemptState.Withdrawn);
        await RecordAsync(test.Store, turn.Key, "a5", AttemptState.Begun, head: "t_2");
        await RecordAsync(test.Store, other.Key, "a6", AttemptState.Begun);
        Assert.Equal(
            [new AttemptCount("t_1", 2, 1), new AttemptCount("t_2", 0, 1)],
            (await test.Store.ReadAttemptsAsync(turn.Key, Cancellation)).OrderBy(a => a.Head, StringComparer.Ordinal));

        await test.Store.CommitAsync(turn, Cancellation);
        Assert.Empty(await test.Store.ReadAttemptsAsync(turn.Key, Cancellation));
        Assert.Single(await test.Store.ReadAttemptsAsync(other.Key, Cancellation));
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task Writing_an_attempt_again_changes_nothing(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        var key = new ConversationKey("demo", "c_1");
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => RecordAsync(test.Store, key, $"a{i % 5}", AttemptState.Begun)));
        Assert.Equal([new AttemptCount("t_1", 0, 5)], await test.Store.ReadAttemptsAsync(key, Cancellation));

        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => RecordAsync(i % 2 == 0 ? test.Store : test.Another(), key, $"a{i % 5}", AttemptState.Withdrawn)));
        Assert.Empty(await test.Store.ReadAttemptsAsync(key, Cancellation));
        await RecordAsync(test.Store, key, "a1", AttemptState.Withdrawn);
        Assert.Empty(await test.Store.ReadAttemptsAsync(key, Cancellation));
    }

    private static Task RecordAsync(IConversationStore store, ConversationKey key, string attempt, AttemptState state, string head = "t_1") =>
        store.RecordAttemptAsync(new TurnAttempt(key, head, attempt, state), Cancellation);
}
