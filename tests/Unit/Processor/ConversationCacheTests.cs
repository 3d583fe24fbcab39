using System.Text.Json;
using Parley.Common.Conversations;
using Parley.Common.Stores;
using Parley.Processor.Turns;
using Parley.TestKit;

namespace Parley.Unit.Processor;

public sealed class ConversationCacheTests
{
    private readonly object _assignment = new();
    private readonly ConversationCache _cache = new(capacity: 100);

    [Fact]
    public void A_committed_state_is_found_for_the_next_message()
    {
        var turn = Keep("ann", 3, "m1");

        Assert.Same(turn.State, Find(turn.Key, "m2"));
    }

    [Fact]
    public void A_message_that_was_committed_here_sends_the_turn_to_the_store()
    {
        var turn = Keep("ann", 3, "m1");

        Assert.Null(Find(turn.Key, "m1"));
    }

    [Fact]
    public void A_state_of_an_earlier_assignment_does_not_count()
    {
        var turn = Keep("ann", 3, "m1");

        Assert.Null(_cache.Find(turn.Key, new object(), [Identity("m2")]));
        Assert.Null(Find(turn.Key, "m2"));
    }

    [Fact]
    public void A_later_commit_replaces_the_state_and_remembers_the_earlier_messages()
    {
        Keep("ann", 3, "m1");
        var turn = Keep("ann", 4, "m2");

        Assert.Equal(4, Find(turn.Key, "m3")!.Version);
        Assert.Null(Find(turn.Key, "m1"));
    }

    [Fact]
    public void What_is_forgotten_is_read_from_the_store()
    {
        var turn = Keep("ann", 3, "m1");
        _cache.Forget(turn.Key);

        Assert.Null(Find(turn.Key, "m2"));
    }

    [Fact]
    public void The_capacity_bounds_it_and_what_is_used_stays()
    {
        var used = Keep("used", 1, "m");
        var unused = Keep("unused", 1, "m");
        for (var i = 0; i < 1000; i++)
        {
            Keep($"other-{i}", 1, "m");
            Assert.NotNull(Find(used.Key, "new"));
        }

        Assert.Null(Find(unused.Key, "new"));
    }

    [Fact]
    public void A_large_context_is_not_kept()
    {
        using var context = JsonDocument.Parse($"{{\"text\":\"{new string('x', 20_000)}\"}}");
        var turn = Turn("ann", 3, "m1");
        _cache.Keep(turn with { State = turn.State with { Context = context.RootElement } }, _assignment);

        Assert.Null(Find(turn.Key, "m2"));
    }

    [Fact]
    public void Without_capacity_nothing_is_kept()
    {
        var none = new ConversationCache(capacity: 0);
        var turn = Turn("ann", 3, "m1");
        none.Keep(turn, _assignment);

        Assert.Null(none.Find(turn.Key, _assignment, [Identity("m2")]));
    }

    private ConversationState? Find(ConversationKey key, string messageId) => _cache.Find(key, _assignment, [Identity(messageId)]);

    private TurnCommit Keep(string participant, long version, string messageId)
    {
        var turn = Turn(participant, version, messageId);
        _cache.Keep(turn, _assignment);
        return turn;
    }

    private static MessageIdentity Identity(string messageId) => (Messages.Text("hello") with { MessageId = messageId }).Identity;

    private static TurnCommit Turn(string participant, long version, string messageId)
    {
        var message = Messages.Text("hello", participant) with { MessageId = messageId };
        var state = new ConversationState
        {
            Version = version, LastSeq = version, Channel = message.Channel, Account = message.Account, Participant = message.Participant,
        };
        return new TurnCommit
        {
            Key = message.Key, ExpectedVersion = version - 1, State = state, TurnId = $"t{version}",
            Messages = [new CommittedMessage(message, version, 0, version)], Replies = [],
        };
    }
}
