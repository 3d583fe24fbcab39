using Microsoft.Extensions.Options;
using Parley.Common.Conversations;
using Parley.Common.Stores;
using Parley.TestKit;

namespace Parley.Integration.Stores;

public sealed class GroupCommitterTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task Lanes_commit_side_by_side_each_in_its_order(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        await using var committer = Make(test);

        var lanes = await Task.WhenAll(Enumerable.Range(0, 40).Select(async lane =>
        {
            ConversationState? state = null;
            for (var i = 0; i < 5; i++)
            {
                var turn = Turns.Answer(Messages.Text($"{i}", $"lane-{lane}"), state);
                Assert.Equal(CommitOutcome.Committed, await committer.CommitAsync(turn, Cancellation));
                state = turn.State;
            }

            return Messages.Text("", $"lane-{lane}").Key;
        }));

        foreach (var key in lanes)
        {
            var history = await test.Store.ReadHistoryAfterAsync(key, 0, 100, Cancellation);
            Assert.Equal(["0", "1", "2", "3", "4"], history.Where(e => e.Message is not null).Select(e => e.Message!.Content.Text));
        }
    }

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task A_turn_that_cannot_be_stored_fails_alone(string kind)
    {
        await using var test = await TestStore.StartAsync(kind, Cancellation);
        await using var committer = Make(test, linger: TimeSpan.FromMilliseconds(20));
        var first = Turns.Answer(Messages.Text("a", "user-0"));
        await committer.CommitAsync(first, Cancellation);
        var good = Enumerable.Range(1, 5).Select(i => Turns.Answer(Messages.Text("a", $"user-{i}"))).ToList();

        // A reply id that is taken, under a turn and a message that are not: no outcome, a mistake.
        var turn = Turns.Answer(Messages.Text("b", "user-6"));
        var bad = turn with { Replies = [turn.Replies[0] with { ReplyId = first.Replies[0].ReplyId }] };
        var contradictory = turn with { ExpectedVersion = 3 };
        var waiting = good.Select(t => committer.CommitAsync(t, Cancellation)).ToList();

        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => committer.CommitAsync(bad, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => committer.CommitAsync(contradictory, Cancellation));
        Assert.All(await Task.WhenAll(waiting), outcome => Assert.Equal(CommitOutcome.Committed, outcome));
        Assert.Null(await test.Store.LoadAsync(bad.Key, Cancellation));
    }

    [Fact]
    public async Task After_the_stop_no_turn_is_taken()
    {
        await using var test = await TestStore.StartAsync(StoreOptions.Sqlite, Cancellation);
        var committer = Make(test);
        var taken = committer.CommitAsync(Turns.Answer(Messages.Text("a")), Cancellation);

        await committer.DisposeAsync();

        Assert.Equal(CommitOutcome.Committed, await taken);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => committer.CommitAsync(Turns.Answer(Messages.Text("b", "user-2")), Cancellation));
    }

    private static GroupCommitter Make(TestStore test, TimeSpan linger = default) => new(
        test.Store, Options.Create(new StoreOptions { Kind = test.Options.Kind, MaxGroupTurns = 16, Linger = linger }), TimeProvider.System);
}
