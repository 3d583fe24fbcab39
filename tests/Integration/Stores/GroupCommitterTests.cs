using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
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

    [Fact]
    public async Task Turns_are_counted_by_outcome()
    {
        await using var test = await TestStore.StartAsync(StoreOptions.Sqlite, Cancellation);
        using var listener = new MeterListener();
        var counted = new List<(string Name, object Value, object? Tag)>();
        var mine = Metrics();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Scope == mine.Factory) l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((i, value, tags, _) => counted.Add((i.Name, value, tags[0].Value)));
        listener.SetMeasurementEventCallback<int>((i, value, _, _) => counted.Add((i.Name, value, null)));
        listener.Start();
        await using (var committer = new GroupCommitter(
            test.Store, Options.Create(new StoreOptions()), mine.Metrics, TimeProvider.System, NullLogger<GroupCommitter>.Instance))
        {
            var turn = Turns.Answer(Messages.Text("a"));
            await committer.CommitAsync(turn, Cancellation);
            await committer.CommitAsync(turn, Cancellation);
            await committer.CommitAsync(Turns.Answer(Messages.Text("b")), Cancellation);
        }

        Assert.Equal(["committed", "duplicate", "conflict"], counted.Where(c => c.Name == "parley.store.turns").Select(c => c.Tag));
        Assert.Equal([1, 1, 1], counted.Where(c => c.Name == "parley.store.group.turns").Select(c => c.Value));
    }

    /// <summary>Metrics on a factory of their own, so that a listener can tell them from those of tests beside this one.</summary>
    internal static (StoreMetrics Metrics, IMeterFactory Factory) Metrics()
    {
        var factory = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();
        return (new StoreMetrics(factory), factory);
    }

    private static GroupCommitter Make(TestStore test, TimeSpan linger = default) => new(
        test.Store, Options.Create(new StoreOptions { Kind = test.Options.Kind, MaxGroupTurns = 16, Linger = linger }), Metrics().Metrics, TimeProvider.System,
        NullLogger<GroupCommitter>.Instance);
}
