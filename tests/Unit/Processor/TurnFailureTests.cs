using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.Common.Tenants;
using Parley.Engine.V1;
using Parley.Processor.Engine;
using Parley.Processor.Turns;
using Parley.TestKit;

namespace Parley.Unit.Processor;

public sealed class TurnFailureTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TenantRules Block = new("sorry", TimeSpan.FromMinutes(30)) { MaxAttempts = 3 };
    private static readonly TenantRules Skip = Block with { WhenSpent = WhenSpent.Skip };
    private readonly InboundMessage _message = Messages.Text("hello", id: "m1");

    private string Head => DerivedId.Turn(_message.Key, _message.Identity, _message.Identity);

    [Fact]
    public void A_first_attempt_at_a_fresh_message_is_not_written()
    {
        var turn = NewTurn(Block);
        Assert.False(Assert.IsType<TurnEffect.Load>(turn.Start()).Attempts);
        Assert.Equal(1, Assert.IsType<TurnEffect.CallEngine>(turn.On(Loaded(), Now)).Attempt);
        Assert.Null(turn.Open);
    }

    [Fact]
    public void A_failed_attempt_is_written_and_from_then_on_each_is_before_it_is_made()
    {
        var first = Called(NewTurn(Block));
        var failed = Assert.IsType<TurnEffect.RecordAttempt>(first.On(Failed(), Now)).Attempt;
        Assert.Equal((Head, AttemptState.Failed), (failed.Head, failed.State));
        var retry = Assert.IsType<TurnEffect.Retry>(first.On(new TurnEvent.AttemptRecorded(), Now));
        Assert.False(retry.WholeEngine);

        var second = NewTurn(Block, first.Memory, attempt: "a2");
        Assert.True(Assert.IsType<TurnEffect.Load>(second.Start()).Attempts);
        var begun = Assert.IsType<TurnEffect.RecordAttempt>(second.On(Loaded(failed: 1), Now)).Attempt;
        Assert.Equal(("a2", AttemptState.Begun), (begun.AttemptId, begun.State));
        Assert.Equal(2, Assert.IsType<TurnEffect.CallEngine>(second.On(new TurnEvent.AttemptRecorded(), Now)).Attempt);
        Assert.Equal(begun, second.Open);

        var ended = Assert.IsType<TurnEffect.RecordAttempt>(second.On(Failed(), Now)).Attempt;
        Assert.Equal(("a2", AttemptState.Failed), (ended.AttemptId, ended.State));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 4)]
    [InlineData(5, 16)]
    [InlineData(6, 30)]
    [InlineData(90, 30)]
    public void The_wait_doubles_up_to_its_limit(int failed, int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), Block.DelayAfter(failed));

    [Fact]
    public void After_the_budget_the_conversation_parks_with_its_message_kept()
    {
        var turn = Called(NewTurn(Block, new TurnMemory { Head = Head, HasFailed = true }), failed: 2);
        var commit = Assert.IsType<TurnEffect.Commit>(turn.On(Failed("no good"), Now)).Turn;
        Assert.Equal((ConversationStatus.Parked, "no good"), (commit.State.Status, commit.State.ParkedReason));
        Assert.Empty(commit.Replies);
        Assert.Single(commit.Messages);
        var parked = Assert.Single(commit.Parked);
        Assert.Equal((1L, 3, 7L, "no good", 3), (parked.Seq, parked.Partition, parked.Offset, parked.Reason, parked.Attempts));
        Assert.Equal(Head, parked.TurnId);
        Assert.NotEqual(commit.TurnId, parked.TurnId);
        var told = Assert.IsType<TurnEffect.Publish>(turn.On(new TurnEvent.CommitReturned(CommitOutcome.Committed), Now));
        Assert.Equal([EventNames.ConversationStarted, EventNames.ConversationParked], told.Facts.Select(f => f.Name));
        Assert.IsType<TurnEffect.Done>(turn.On(new TurnEvent.PublishReturned(true), Now));
    }

    [Fact]
    public void With_policy_skip_the_record_goes_to_the_dead_letters_and_then_the_fallback_text_stands_in()
    {
        var turn = Called(NewTurn(Skip, new TurnMemory { Head = Head, HasFailed = true }), failed: 2);
        var letters = Assert.IsType<TurnEffect.DeadLetter>(turn.On(Failed("no good"), Now));
        Assert.Equal(("no good", 7L), (letters.Reason, Assert.Single(letters.Messages).Offset));
        var commit = Assert.IsType<TurnEffect.Commit>(turn.On(new TurnEvent.DeadLettered(true), Now)).Turn;
        Assert.Equal((ConversationStatus.Active, "sorry", true), (commit.State.Status, commit.Replies[0].Content.Text, commit.Replies[0].Fallback));
        Assert.Empty(commit.Parked);
    }

    [Fact]
    public void Nothing_is_dropped_before_the_dead_letter_is_acknowledged()
    {
        var turn = Called(NewTurn(Skip));
        turn.On(new TurnEvent.EngineReturned(new EngineOutcome.Refused("bad"), TimeSpan.Zero), Now);
        Assert.IsType<TurnEffect.Retry>(turn.On(new TurnEvent.DeadLettered(false), Now));

        // The next run goes on where this one stopped, without asking again.
        var next = NewTurn(Skip, turn.Memory);
        next.Start();
        Assert.IsType<TurnEffect.DeadLetter>(next.On(Loaded(), Now));
    }

    [Fact]
    public void A_refusal_spends_the_budget_at_once() => Assert.Equal(
        ConversationStatus.Parked,
        Assert.IsType<TurnEffect.Commit>(Called(NewTurn(Block)).On(new TurnEvent.EngineReturned(new EngineOutcome.Refused("bad"), TimeSpan.Zero), Now)).Turn.State.Status);

    [Fact]
    public void An_engine_that_is_down_counts_no_attempt_and_holds_everybody_on_it()
    {
        var turn = Called(NewTurn(Block));
        var retry = Assert.IsType<TurnEffect.Retry>(turn.On(Down(), Now.AddSeconds(1)));
        Assert.Equal((true, TimeSpan.FromSeconds(2)), (retry.WholeEngine, retry.After));
        Assert.False(turn.Memory.HasFailed);
    }

    [Fact]
    public void A_written_attempt_is_taken_back_when_the_engine_was_down()
    {
        var turn = Called(NewTurn(Block, mayHaveRun: true), written: true);
        Assert.Equal(AttemptState.Withdrawn, Assert.IsType<TurnEffect.RecordAttempt>(turn.On(Down(), Now)).Attempt.State);
        Assert.True(Assert.IsType<TurnEffect.Retry>(turn.On(new TurnEvent.AttemptRecorded(), Now)).WholeEngine);
        Assert.Null(turn.Open);
    }

    [Fact]
    public void An_engine_that_stays_down_gets_the_fallback_text_said_once()
    {
        var first = Called(NewTurn(Block));
        first.On(Down(), Now);
        var later = Called(NewTurn(Block, first.Memory));
        var commit = Assert.IsType<TurnEffect.Commit>(later.On(Down(), Now.AddSeconds(16))).Turn;
        Assert.Equal((ConversationStatus.Active, true, true), (commit.State.Status, commit.Facts.Fallback, commit.Replies[0].Fallback));
    }

    [Fact]
    public void What_an_earlier_owner_may_have_begun_is_written_before_it_is_tried()
    {
        var turn = NewTurn(Block, mayHaveRun: true);
        Assert.True(Assert.IsType<TurnEffect.Load>(turn.Start()).Attempts);
        Assert.Equal(AttemptState.Begun, Assert.IsType<TurnEffect.RecordAttempt>(turn.On(Loaded(), Now)).Attempt.State);
    }

    [Fact]
    public void What_a_process_has_died_in_runs_alone_of_its_kind()
    {
        var turn = NewTurn(Block, mayHaveRun: true);
        turn.Start();
        Assert.IsType<TurnEffect.Isolate>(turn.On(Loaded(unfinished: 1), Now));
        Assert.IsType<TurnEffect.Retry>(turn.On(new TurnEvent.Isolated(false), Now));
        Assert.Null(turn.Memory.Owed);

        var granted = NewTurn(Block, mayHaveRun: true);
        granted.Start();
        granted.On(Loaded(unfinished: 1), Now);
        Assert.IsType<TurnEffect.RecordAttempt>(granted.On(new TurnEvent.Isolated(true), Now));
        Assert.Equal(2, Assert.IsType<TurnEffect.CallEngine>(granted.On(new TurnEvent.AttemptRecorded(), Now)).Attempt);
    }

    [Theory]
    [InlineData(WhenSpent.Block, typeof(TurnEffect.Commit))]
    [InlineData(WhenSpent.Skip, typeof(TurnEffect.DeadLetter))]
    public void What_a_process_has_died_in_twice_with_the_attempt_written_is_not_tried_again(WhenSpent whenSpent, Type end)
    {
        var turn = NewTurn(Block with { WhenSpent = whenSpent, MaxAttempts = 100 }, mayHaveRun: true);
        turn.Start();
        Assert.IsType(end, turn.On(Loaded(unfinished: 2), Now));
    }

    [Fact]
    public void An_attempt_whose_end_the_store_could_not_be_told_is_told_first_in_the_next_run()
    {
        var turn = Called(NewTurn(Block, mayHaveRun: true), written: true);
        turn.On(Failed(), Now);
        Assert.IsType<TurnEffect.Retry>(turn.On(new TurnEvent.StoreFailed("away"), Now));

        var next = NewTurn(Block, turn.Memory, attempt: "a2");
        var owed = Assert.IsType<TurnEffect.RecordAttempt>(next.Start()).Attempt;
        Assert.Equal(("a1", AttemptState.Failed), (owed.AttemptId, owed.State));
        Assert.IsType<TurnEffect.Load>(next.On(new TurnEvent.AttemptRecorded(), Now));
        Assert.Null(next.Memory.Owed);
    }

    [Fact]
    public void An_attempt_that_may_or_may_not_have_been_written_is_taken_back()
    {
        var turn = NewTurn(Block, mayHaveRun: true);
        turn.Start();
        turn.On(Loaded(), Now);
        turn.On(new TurnEvent.StoreFailed("answer lost"), Now);
        Assert.Equal(("a1", AttemptState.Withdrawn), (turn.Memory.Owed!.AttemptId, turn.Memory.Owed.State));
    }

    [Fact]
    public void A_commit_that_fails_with_an_attempt_open_takes_the_attempt_back()
    {
        var turn = Called(NewTurn(Block, mayHaveRun: true), written: true);
        turn.On(Answer("hi"), Now);
        turn.On(new TurnEvent.StoreFailed("away"), Now);
        Assert.Equal(AttemptState.Withdrawn, turn.Memory.Owed!.State);
    }

    [Fact]
    public void A_message_that_breaks_the_program_is_a_failure_like_any_other_and_one_that_cannot_even_be_parked_is_given_up()
    {
        var turn = Called(NewTurn(Block));
        Assert.IsType<TurnEffect.RecordAttempt>(turn.On(new TurnEvent.Threw("boom"), Now));

        var spent = Called(NewTurn(Block, new TurnMemory { Head = Head, HasFailed = true }), failed: 2);
        Assert.IsType<TurnEffect.Commit>(spent.On(new TurnEvent.Threw("boom"), Now));
        Assert.Equal("boom again", Assert.IsType<TurnEffect.GiveUp>(spent.On(new TurnEvent.Threw("boom again"), Now)).Reason);
    }

    [Fact]
    public void A_turn_that_grows_while_it_is_tried_keeps_its_count()
    {
        var more = new Turn(_message.Key, [new TurnMessage(_message, 3, 7), new TurnMessage(Messages.Text("more", id: "m2"), 3, 8)], Block, "a1", new TurnMemory { Head = Head, HasFailed = true });
        more.Start();
        more.On(Loaded(failed: 2), Now);
        more.On(new TurnEvent.AttemptRecorded(), Now);
        var commit = Assert.IsType<TurnEffect.Commit>(more.On(Failed(), Now)).Turn;
        Assert.Equal(["m1", "m2"], commit.Parked.Select(p => p.Message.MessageId));
        Assert.Single(commit.Parked.Select(p => p.TurnId).Distinct());
    }

    [Fact]
    public void What_comes_to_a_parked_conversation_is_parked_behind_the_rest()
    {
        var turn = new Turn(_message.Key, [new TurnMessage(Messages.Text("more", id: "m2"), 3, 8), new TurnMessage(Messages.Text("👍", id: "m3") with { Kind = InboundKinds.Reaction }, 3, 9)], Block, "a1");
        turn.Start();
        var commit = Assert.IsType<TurnEffect.Commit>(turn.On(new TurnEvent.Loaded(Parked(lastSeq: 1), []), Now)).Turn;
        Assert.Equal((2L, "m2", 0), (Assert.Single(commit.Parked).Seq, commit.Parked[0].Message.MessageId, commit.Parked[0].Attempts));
        Assert.Equal(["m2", "m3"], commit.Messages.Select(m => m.Message.MessageId));
        Assert.Equal((ConversationStatus.Parked, "it broke"), (commit.State.Status, commit.State.ParkedReason));
        Assert.Empty(Assert.IsType<TurnEffect.Publish>(turn.On(new TurnEvent.CommitReturned(CommitOutcome.Committed), Now)).Facts);
    }

    [Fact]
    public void A_parked_message_that_comes_again_is_told_as_parked()
    {
        var turn = NewTurn(Block);
        turn.Start();
        var seen = new SeenMessage(_message.Identity, _message.Key, "p_1", new TurnFacts { Parked = true, Reason = "it broke" }, []);
        var publish = Assert.IsType<TurnEffect.Publish>(turn.On(new TurnEvent.Loaded(Parked(lastSeq: 1), [seen]), Now));
        Assert.Equal(EventNames.ConversationParked, Assert.Single(publish.Facts).Name);
    }

    private Turn NewTurn(TenantRules rules, TurnMemory? memory = null, bool mayHaveRun = false, string attempt = "a1") =>
        new(_message.Key, [new TurnMessage(_message, 3, 7, mayHaveRun)], rules, attempt, memory);

    /// <summary>The turn with its engine being asked.</summary>
    private Turn Called(Turn turn, int failed = 0, bool written = false)
    {
        turn.Start();
        var effect = turn.On(Loaded(failed), Now);
        if (written || failed > 0) effect = turn.On(new TurnEvent.AttemptRecorded(), Now);
        Assert.IsType<TurnEffect.CallEngine>(effect);
        return turn;
    }

    private TurnEvent.Loaded Loaded(int failed = 0, int unfinished = 0) => new(null, []) { Attempts = failed + unfinished > 0 ? [new AttemptCount(Head, failed, unfinished)] : [] };

    private ConversationState Parked(long lastSeq) => new()
    {
        Version = 1, LastSeq = lastSeq, Channel = _message.Channel, Account = _message.Account, Participant = _message.Participant,
        Status = ConversationStatus.Parked, ParkedReason = "it broke",
    };

    private static TurnEvent.EngineReturned Failed(string reason = "deadline") => new(new EngineOutcome.Failed(reason), TimeSpan.FromSeconds(1));

    private static TurnEvent.EngineReturned Down() => new(new EngineOutcome.Down("no", TimeSpan.FromSeconds(2)), TimeSpan.FromSeconds(1));

    private static TurnEvent.EngineReturned Answer(string text) =>
        new(new EngineOutcome.Answered(new ProcessMessageResponse { Success = true, ResponseContent = text }), TimeSpan.FromSeconds(1));
}
