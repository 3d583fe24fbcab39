using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.Engine.V1;
using Parley.Processor.Engine;
using Parley.Processor.Turns;
using Parley.TestKit;

namespace Parley.Unit.Processor;

public sealed class ParkedTurnTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TenantRules Rules = new("sorry", TimeSpan.FromMinutes(30)) { MaxAttempts = 1 };
    private static readonly ConversationKey Key = Messages.Text("x").Key;
    private readonly ParkedMessage _first = Parked("m1", 1, "t_1");
    private readonly ParkedMessage _second = Parked("m2", 2, "t_2");

    [Fact]
    public void The_oldest_turn_is_asked_under_its_own_id_and_leaves_the_list_with_the_answer()
    {
        var turn = Command(CommandNames.Redrive);
        Assert.True(Assert.IsType<TurnEffect.Load>(turn.Start()).Parked);
        var call = Assert.IsType<TurnEffect.CallEngine>(turn.On(Loaded(_first, _second), Now));
        Assert.Equal(("t_1", "m1"), (call.TurnId, Assert.Single(call.Messages).MessageId));

        var commit = Assert.IsType<TurnEffect.Commit>(turn.On(Answer("hi"), Now)).Turn;
        Assert.Equal(("t_1", ConversationStatus.Parked), (commit.TurnId, commit.State.Status));
        Assert.Empty(commit.Messages);
        Assert.Equal([_first], commit.Released);
        Assert.Equal((6L, "hi"), (commit.Replies[0].Seq, commit.Replies[0].Content.Text));
        turn.On(new TurnEvent.CommitReturned(CommitOutcome.Committed), Now);
        Assert.True(Assert.IsType<TurnEffect.Done>(turn.On(new TurnEvent.PublishReturned(true), Now)).More);
    }

    [Fact]
    public void With_the_last_one_the_conversation_is_active_again()
    {
        var turn = Command(CommandNames.Redrive);
        turn.Start();
        turn.On(Loaded(_second), Now);
        var commit = Assert.IsType<TurnEffect.Commit>(turn.On(Answer("hi"), Now)).Turn;
        Assert.Equal((ConversationStatus.Active, (string?)null), (commit.State.Status, commit.State.ParkedReason));
        var publish = Assert.IsType<TurnEffect.Publish>(turn.On(new TurnEvent.CommitReturned(CommitOutcome.Committed), Now));
        Assert.Contains(publish.Facts, f => f.Name == EventNames.ConversationReleased);
        Assert.False(Assert.IsType<TurnEffect.Done>(turn.On(new TurnEvent.PublishReturned(true), Now)).More);
    }

    [Fact]
    public void What_fails_again_stays_parked_with_its_new_reason_and_the_command_is_done()
    {
        var turn = Command(CommandNames.Redrive);
        turn.Start();
        turn.On(Loaded(_first, _second), Now);
        var commit = Assert.IsType<TurnEffect.Commit>(turn.On(new TurnEvent.EngineReturned(new EngineOutcome.Failed("still no"), TimeSpan.Zero), Now)).Turn;
        Assert.Equal((ConversationStatus.Parked, "still no"), (commit.State.Status, commit.State.ParkedReason));
        Assert.Equal((1L, "still no", "c1"), (Assert.Single(commit.Parked).Seq, commit.Parked[0].Reason, commit.Parked[0].CommandId));
        turn.On(new TurnEvent.CommitReturned(CommitOutcome.Committed), Now);
        Assert.False(Assert.IsType<TurnEffect.Done>(turn.On(new TurnEvent.PublishReturned(true), Now)).More);
    }

    [Fact]
    public void A_command_that_failed_and_is_delivered_again_does_not_try_again()
    {
        var turn = Command(CommandNames.Redrive);
        turn.Start();
        var publish = Assert.IsType<TurnEffect.Publish>(turn.On(Loaded(_first with { CommandId = "c1" }, _second), Now));
        Assert.Equal(EventNames.ConversationParked, Assert.Single(publish.Facts).Name);
        Assert.False(Assert.IsType<TurnEffect.Done>(turn.On(new TurnEvent.PublishReturned(true), Now)).More);
    }

    [Fact]
    public void An_engine_that_stays_down_drops_nothing_that_is_parked()
    {
        var turn = Command(CommandNames.Redrive);
        turn.Start();
        turn.On(Loaded(_first), Now);
        var commit = Assert.IsType<TurnEffect.Commit>(turn.On(new TurnEvent.EngineReturned(new EngineOutcome.Down("away", TimeSpan.Zero), TimeSpan.Zero), Now.AddMinutes(1))).Turn;
        Assert.Equal(ConversationStatus.Parked, commit.State.Status);
        Assert.Single(commit.Parked);
    }

    [Fact]
    public void Skip_drops_the_oldest_turn_with_the_fallback_text_and_goes_on()
    {
        var turn = Command(CommandNames.Skip);
        Assert.NotNull(Assert.IsType<TurnEffect.Load>(turn.Start()).Reply);
        var letters = Assert.IsType<TurnEffect.DeadLetter>(turn.On(Loaded(_first, _second), Now));
        Assert.Contains("ann", letters.Reason, StringComparison.Ordinal);
        var commit = Assert.IsType<TurnEffect.Commit>(turn.On(new TurnEvent.DeadLettered(true), Now)).Turn;
        Assert.Equal(("sorry", true), (commit.Replies[0].Content.Text, commit.Replies[0].Fallback));
        Assert.Equal([_first], commit.Released);
        turn.On(new TurnEvent.CommitReturned(CommitOutcome.Committed), Now);
        Assert.True(Assert.IsType<TurnEffect.Done>(turn.On(new TurnEvent.PublishReturned(true), Now)).More);

        // The record runs again, or is delivered again: the reply in its name says that its one drop is done.
        var again = Command(CommandNames.Skip, turn.Memory);
        Assert.Equal(commit.Replies[0].ReplyId, Assert.IsType<TurnEffect.Load>(again.Start()).Reply);
        Assert.Equal("t_2", Assert.IsType<TurnEffect.CallEngine>(again.On(Loaded(_second) with { HasReply = true }, Now)).TurnId);
    }

    [Fact]
    public void A_command_to_a_conversation_that_is_not_parked_only_publishes_what_is_owed()
    {
        var turn = Command(CommandNames.Redrive);
        turn.Start();
        Assert.Empty(Assert.IsType<TurnEffect.Publish>(turn.On(new TurnEvent.Loaded(State(ConversationStatus.Active), []), Now)).Replies);
        Assert.IsType<TurnEffect.Done>(turn.On(new TurnEvent.PublishReturned(true), Now));
    }

    [Fact]
    public void What_an_earlier_run_committed_and_did_not_publish_goes_out_first()
    {
        var before = Command(CommandNames.Redrive);
        before.Start();
        before.On(Loaded(_first), Now);
        var owed = Assert.IsType<TurnEffect.Commit>(before.On(Answer("one"), Now)).Turn.Replies;

        var turn = Command(CommandNames.Redrive);
        turn.Start();
        turn.On(Loaded(_second) with { Pending = owed }, Now);
        turn.On(Answer("two"), Now);
        var publish = Assert.IsType<TurnEffect.Publish>(turn.On(new TurnEvent.CommitReturned(CommitOutcome.Committed), Now));
        Assert.Equal(["one", "two"], publish.Replies.Select(r => r.Content.Text));
    }

    [Fact]
    public void When_a_person_takes_over_on_the_way_the_rest_is_released_without_the_engine()
    {
        var turn = Command(CommandNames.Redrive);
        turn.Start();
        turn.On(Loaded(_first, _second), Now);
        var commit = Assert.IsType<TurnEffect.Commit>(turn.On(Answer("a colleague takes over", handOff: true), Now)).Turn;
        Assert.Equal(ConversationStatus.HandedOff, commit.State.Status);

        var rest = Command(CommandNames.Redrive);
        rest.Start();
        var release = Assert.IsType<TurnEffect.Commit>(rest.On(new TurnEvent.Loaded(commit.State, []) { Parked = new ParkedPage([_second], 1) }, Now)).Turn;
        Assert.Equal((ConversationStatus.HandedOff, 0, 1), (release.State.Status, release.Replies.Count, release.Released.Count));
    }

    private static Turn Command(string name, TurnMemory? memory = null) => Turn.OverParked(
        Key, new ConversationCommand { Tenant = Key.Tenant, ConversationId = Key.ConversationId, CommandId = "c1", Command = name, By = "ann" },
        mayHaveRun: false, Rules, "a1", memory);

    private static TurnEvent.Loaded Loaded(params ParkedMessage[] parked) => new(State(ConversationStatus.Parked), []) { Parked = new ParkedPage(parked, parked.Length) };

    private static ConversationState State(ConversationStatus status) => new()
    {
        Version = 4, LastSeq = 5, Channel = "web", Account = "site", Participant = new Participant("user-1"), Status = status,
        ParkedReason = status == ConversationStatus.Parked ? "it broke" : null,
    };

    private static ParkedMessage Parked(string id, long seq, string turnId) => new(Messages.Text(id, id: id), seq, turnId, 0, seq, "it broke", 5, Now);

    private static TurnEvent.EngineReturned Answer(string text, bool handOff = false) =>
        new(new EngineOutcome.Answered(new ProcessMessageResponse { Success = true, ResponseContent = text, HandOff = handOff }), TimeSpan.FromSeconds(1));
}
