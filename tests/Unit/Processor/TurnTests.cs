using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.Engine.V1;
using Parley.Processor.Engine;
using Parley.Processor.Turns;
using Parley.TestKit;

namespace Parley.Unit.Processor;

public sealed class TurnTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TenantRules Rules = new("sorry", TimeSpan.FromMinutes(30));
    private readonly InboundMessage _message = Messages.Text("hello", id: "m1");

    [Fact]
    public void Reads_then_asks_then_commits_then_publishes_then_is_done()
    {
        var turn = NewTurn();
        Assert.IsType<TurnEffect.Load>(turn.Start());
        Assert.IsType<TurnEffect.CallEngine>(turn.On(Loaded(), Now));
        var commit = Assert.IsType<TurnEffect.Commit>(turn.On(Answer("hi"), Now));
        var publish = Assert.IsType<TurnEffect.Publish>(turn.On(new TurnEvent.CommitReturned(CommitOutcome.Committed), Now));
        Assert.Equal(commit.Turn.Replies, publish.Replies);
        Assert.IsType<TurnEffect.Done>(turn.On(new TurnEvent.PublishReturned(true), Now));
    }

    [Fact]
    public void The_first_turn_starts_the_conversation_and_its_session()
    {
        var commit = RunToCommit(Loaded(), Answer("hi"));
        Assert.Equal(0, commit.ExpectedVersion);
        Assert.Equal(1, commit.State.Version);
        Assert.Equal(2, commit.State.LastSeq);
        Assert.NotNull(commit.State.Session);
        Assert.Equal(1, Assert.Single(commit.Messages).Seq);
        var reply = Assert.Single(commit.Replies);
        Assert.Equal((2L, "hi", "user-1", false), (reply.Seq, reply.Content.Text, reply.To, reply.Fallback));
    }

    [Fact]
    public void A_repeated_turn_names_the_same_turn_and_replies()
    {
        var first = RunToCommit(Loaded(), Answer("hi"));
        var second = RunToCommit(Loaded(), Answer("hi"));
        Assert.Equal(first.TurnId, second.TurnId);
        Assert.Equal(first.Replies[0].ReplyId, second.Replies[0].ReplyId);
    }

    [Fact]
    public void A_turn_is_never_made_before_the_one_before_it_whatever_the_clock_says()
    {
        var ahead = RunToCommit(Loaded(), Answer("hi")).State with { UpdatedAt = Now.AddMinutes(1) };
        var next = RunToCommit(new TurnEvent.Loaded(ahead, []), Answer("hi"));
        Assert.Equal((ahead.UpdatedAt, ahead.UpdatedAt), (Assert.Single(next.Replies).CreatedAt, next.State.UpdatedAt));
    }

    [Fact]
    public void A_message_that_was_committed_is_not_asked_again_and_what_is_pending_is_published_again()
    {
        var earlier = RunToCommit(Loaded(), Answer("hi"));
        var turn = NewTurn();
        turn.Start();
        var seen = new SeenMessage(_message.Identity, _message.Key, earlier.TurnId, new TurnFacts(), [new StoredReply(earlier.Replies[0], LedgerState.Pending, DeliveryStatus.Pending)]);
        var publish = Assert.IsType<TurnEffect.Publish>(turn.On(new TurnEvent.Loaded(earlier.State, [seen]), Now));
        Assert.Equal(earlier.Replies[0].ReplyId, Assert.Single(publish.Replies).ReplyId);
    }

    [Theory]
    [InlineData(LedgerState.Sent)]
    [InlineData(LedgerState.Sending)]
    [InlineData(LedgerState.Unknown)]
    [InlineData(LedgerState.Failed)]
    public void What_the_dispatcher_has_begun_is_not_published_again(LedgerState state)
    {
        var earlier = RunToCommit(Loaded(), Answer("hi"));
        var turn = NewTurn();
        turn.Start();
        var seen = new SeenMessage(_message.Identity, _message.Key, earlier.TurnId, new TurnFacts(), [new StoredReply(earlier.Replies[0], state, DeliveryStatus.Pending)]);
        Assert.Empty(Assert.IsType<TurnEffect.Publish>(turn.On(new TurnEvent.Loaded(earlier.State, [seen]), Now)).Replies);
    }

    [Fact]
    public void What_an_earlier_turn_still_owes_goes_out_before_the_replies_of_a_new_one()
    {
        var earlier = RunToCommit(Loaded(), Answer("hi"));
        var turn = new Turn(_message.Key, [new TurnMessage(_message, 3, 7), new TurnMessage(Messages.Text("more", id: "m2"), 3, 8)], Rules, "a1");
        turn.Start();
        var seen = new SeenMessage(_message.Identity, _message.Key, earlier.TurnId, new TurnFacts(), [new StoredReply(earlier.Replies[0], LedgerState.Pending, DeliveryStatus.Pending)]);
        var call = Assert.IsType<TurnEffect.CallEngine>(turn.On(new TurnEvent.Loaded(earlier.State, [seen]), Now));
        Assert.Equal("m2", Assert.Single(call.Messages).MessageId);
        turn.On(Answer("and more"), Now);
        var publish = Assert.IsType<TurnEffect.Publish>(turn.On(new TurnEvent.CommitReturned(CommitOutcome.Committed), Now));
        Assert.Equal(["hi", "and more"], publish.Replies.Select(r => r.Content.Text));
    }

    [Fact]
    public void An_interrupted_call_starts_over_at_once_and_commits_nothing()
    {
        var turn = NewTurn();
        turn.Start();
        turn.On(Loaded(), Now);
        Assert.Equal(TimeSpan.Zero, Assert.IsType<TurnEffect.Retry>(turn.On(new TurnEvent.Interrupted(), Now)).After);
    }

    [Theory]
    [InlineData(CommitOutcome.Conflict)]
    [InlineData(CommitOutcome.Duplicate)]
    public void A_commit_that_loses_reads_again_and_publishes_nothing(CommitOutcome outcome)
    {
        var turn = NewTurn();
        turn.Start();
        turn.On(Loaded(), Now);
        turn.On(Answer("hi"), Now);
        Assert.IsType<TurnEffect.Load>(turn.On(new TurnEvent.CommitReturned(outcome), Now));
    }

    [Fact]
    public void A_conversation_that_keeps_changing_is_left_for_a_while()
    {
        var turn = NewTurn();
        TurnEffect effect = turn.Start();
        for (var i = 0; i < 100 && effect is not TurnEffect.Retry; i++)
        {
            effect = effect switch
            {
                TurnEffect.Load => turn.On(Loaded(), Now),
                TurnEffect.CallEngine => turn.On(Answer("hi"), Now),
                _ => turn.On(new TurnEvent.CommitReturned(CommitOutcome.Conflict), Now),
            };
        }

        Assert.IsType<TurnEffect.Retry>(effect);
    }

    [Fact]
    public void An_unknown_outcome_of_the_commit_is_not_guessed()
    {
        var turn = NewTurn();
        turn.Start();
        turn.On(Loaded(), Now);
        turn.On(Answer("hi"), Now);
        Assert.IsType<TurnEffect.Retry>(turn.On(new TurnEvent.StoreFailed("connection lost after COMMIT"), Now));
    }

    [Fact]
    public void A_broker_that_does_not_acknowledge_the_replies_keeps_the_message_open() =>
        Assert.IsType<TurnEffect.Retry>(RunToPublished(acknowledged: false));

    [Fact]
    public void The_context_the_engine_returns_is_kept_and_an_absent_one_changes_nothing()
    {
        var response = Response("hi");
        response.UpdatedContext = new Google.Protobuf.WellKnownTypes.Struct();
        response.UpdatedContext.Fields["order"] = Google.Protobuf.WellKnownTypes.Value.ForString("ORD1");
        var first = RunToCommit(Loaded(), Answer(response));
        Assert.Equal("ORD1", first.State.Context!.Value.GetProperty("order").GetString());

        var second = RunToCommit(Loaded(first.State), Answer("again"));
        Assert.Equal("ORD1", second.State.Context!.Value.GetProperty("order").GetString());
        Assert.Equal((2L, 4L), (second.State.Version, second.State.LastSeq));
    }

    [Fact]
    public void A_message_after_the_idle_timeout_opens_a_new_session()
    {
        var first = RunToCommit(Loaded(), Answer("hi")).State;
        var soon = NextTurn(first, Now.AddMinutes(29));
        var late = NextTurn(first, Now.AddMinutes(31));
        Assert.Equal(first.Session!.Id, soon.Session!.Id);
        Assert.NotEqual(first.Session!.Id, late.Session!.Id);
    }

    [Fact]
    public void A_conversation_with_a_person_keeps_the_message_and_leaves_the_engine_alone()
    {
        var state = RunToCommit(Loaded(), Answer("hi")).State with { Status = ConversationStatus.HandedOff };
        var turn = NewTurn();
        turn.Start();
        var commit = Assert.IsType<TurnEffect.Commit>(turn.On(Loaded(state), Now));
        Assert.Empty(commit.Turn.Replies);
        Assert.Single(commit.Turn.Messages);
    }

    [Fact]
    public void A_conversation_with_a_person_is_the_engines_again_in_its_next_session()
    {
        var state = RunToCommit(Loaded(), Answer("hi")).State with { Status = ConversationStatus.HandedOff, OwnershipEpoch = 1 };
        var turn = new Turn(_message.Key, [new TurnMessage(Messages.Text("next", id: "m2"), 3, 8)], Rules, "a1");
        turn.Start();
        var call = Assert.IsType<TurnEffect.CallEngine>(turn.On(Loaded(state), Now.AddMinutes(31)));
        Assert.Equal((ConversationStatus.Active, 2), (call.State.Status, call.State.OwnershipEpoch));
    }

    [Fact]
    public void Handing_off_raises_the_ownership_epoch_and_tells_others()
    {
        var response = Response("one moment, a colleague takes over");
        response.HandOff = true;
        var turn = NewTurn();
        turn.Start();
        turn.On(Loaded(), Now);
        var commit = Assert.IsType<TurnEffect.Commit>(turn.On(Answer(response), Now)).Turn;
        Assert.Equal((ConversationStatus.HandedOff, 1), (commit.State.Status, commit.State.OwnershipEpoch));
        var publish = Assert.IsType<TurnEffect.Publish>(turn.On(new TurnEvent.CommitReturned(CommitOutcome.Committed), Now));
        Assert.Contains(publish.Facts, f => f.Name == EventNames.HandedOff);
    }

    [Fact]
    public void A_reaction_is_kept_without_asking_the_engine()
    {
        var turn = new Turn(_message.Key, [new TurnMessage(_message with { Kind = InboundKinds.Reaction }, 0, 0)], Rules, "a1");
        turn.Start();
        Assert.Empty(Assert.IsType<TurnEffect.Commit>(turn.On(Loaded(), Now)).Turn.Replies);
    }

    [Fact]
    public void A_closed_conversation_is_reopened_by_a_message()
    {
        var state = RunToCommit(Loaded(), Answer("hi")).State with { Status = ConversationStatus.Closed };
        Assert.Equal(ConversationStatus.Active, RunToCommit(Loaded(state), Answer("hi again")).State.Status);
    }

    private ConversationState NextTurn(ConversationState state, DateTimeOffset at)
    {
        var turn = new Turn(_message.Key, [new TurnMessage(Messages.Text("next", id: "m2"), 3, 8)], Rules, "a1");
        turn.Start();
        turn.On(Loaded(state), at);
        return Assert.IsType<TurnEffect.Commit>(turn.On(Answer("hi"), at)).Turn.State;
    }

    private Turn NewTurn() => new(_message.Key, [new TurnMessage(_message, 3, 7)], Rules, "a1");

    private TurnCommit RunToCommit(TurnEvent loaded, TurnEvent answered, DateTimeOffset? at = null)
    {
        var turn = NewTurn();
        turn.Start();
        Assert.IsType<TurnEffect.CallEngine>(turn.On(loaded, at ?? Now));
        return Assert.IsType<TurnEffect.Commit>(turn.On(answered, at ?? Now)).Turn;
    }

    private TurnEffect RunToPublished(bool acknowledged)
    {
        var turn = NewTurn();
        turn.Start();
        turn.On(Loaded(), Now);
        turn.On(Answer("hi"), Now);
        turn.On(new TurnEvent.CommitReturned(CommitOutcome.Committed), Now);
        return turn.On(new TurnEvent.PublishReturned(acknowledged), Now);
    }

    private static TurnEvent.Loaded Loaded(ConversationState? state = null) => new(state, []);

    private static TurnEvent.EngineReturned Answer(string text) => Answer(Response(text));

    private static TurnEvent.EngineReturned Answer(ProcessMessageResponse response) =>
        new(new EngineOutcome.Answered(response), TimeSpan.FromMilliseconds(5));

    private static ProcessMessageResponse Response(string text) => new() { Success = true, MessageId = "m1", TenantId = "demo", ResponseContent = text };
}
