using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.Processor.Engine;
using Parley.Processor.Turns;

namespace Parley.Unit.Simulation;

/// <summary>The processor: the real <see cref="Turn"/>, whose effects are done with delays, failures, and answers that come too late.</summary>
internal sealed class SimProcessor(SimWorld world)
{
    private readonly TenantRules _rules = new("sorry", TimeSpan.FromMinutes(30))
    {
        MaxAttempts = world.Knobs.MaxAttempts,
        WhenSpent = world.Knobs.WhenSpent,
        FirstDelay = TimeSpan.FromMilliseconds(200),
        LongestDelay = TimeSpan.FromSeconds(2),
    };

    /// <summary>Who made an attempt: whether it is still at it is known to the world alone.</summary>
    private readonly Dictionary<string, Func<bool>> _owners = [];
    private int _attempts;

    /// <summary>Commands whose run came to its end.</summary>
    public HashSet<string> Handled { get; } = [];

    public void Handle(SimRun run)
    {
        var attempt = $"a{_attempts++}";
        _owners.Add(attempt, run.IsOwner);
        var memory = run.Lane.Memory as TurnMemory;
        if (run.Records[0].Record is ConversationCommand command)
        {
            Start(new Running(run, Turn.OverParked(run.Key, command, run.Records[0].MayHaveRun, _rules, attempt, memory), 1, command));
            return;
        }

        // As Gathering: what an earlier owner may have begun runs by itself.
        var messages = run.Records.TakeWhile((r, i) => r.Record is InboundMessage && (i == 0 || !(r.MayHaveRun || run.Records[0].MayHaveRun)))
            .Take(world.Knobs.OneMessagePerTurn ? 1 : int.MaxValue)
            .Select(r => new TurnMessage((InboundMessage)r.Record, run.Progress.Partition, r.Offset, r.MayHaveRun)).ToList();
        Start(new Running(run, new Turn(run.Key, messages, _rules, attempt, memory), messages.Count, null));
    }

    private void Start(Running running) => Do(running, running.Turn.Start());

    private void Do(Running running, TurnEffect effect)
    {
        var (run, turn) = (running.Run, running.Turn);

        // The token of a run fires when its partition has gone; code may notice at any await, or only at the end.
        if (run.Progress.Ended.IsCancellationRequested && world.Random.Next(2) == 0)
        {
            if (turn.Open is { } open && !world.Strikes(world.Knobs.StoreFails > 0 ? 0.5 : 0, "withdrawal failed")) world.Store.RecordAttempt(open with { State = AttemptState.Withdrawn });
            End(running, 0, null);
            return;
        }

        switch (effect)
        {
            case TurnEffect.Load load: run.Consumer.When(5, () => Load(running, load)); break;
            case TurnEffect.RecordAttempt record: run.Consumer.When(5, () => Record(running, record.Attempt)); break;
            case TurnEffect.Isolate: Isolate(running); break;
            case TurnEffect.CallEngine call: run.Consumer.When(3, () => Call(running, call)); break;
            case TurnEffect.Commit commit: run.ReleasePermit(); run.Consumer.When(5, () => Commit(running, commit)); break;
            case TurnEffect.Publish publish: run.ReleasePermit(); run.Consumer.When(5, () => AfterFollowing(running, publish)); break;
            case TurnEffect.DeadLetter letters: run.ReleasePermit(); run.Consumer.When(5, () => DeadLetter(running, letters)); break;
            case TurnEffect.Done done:
                run.Lane.Memory = done.More ? turn.Memory : null;

                // A command's record has further turns: the run itself waits for the facts of this one.
                if (done.More) world.Told.UnionWith(running.Told.Select(f => f.EventId));
                if (!done.More && running.Command is { } command) Handled.Add(command.CommandId);
                End(running, done.More ? 0 : running.Count, null);
                break;
            case TurnEffect.Retry retry:
                run.Lane.Memory = turn.Memory;
                if (retry.WholeEngine) run.Suspend(retry.After);
                End(running, 0, retry.After);
                break;
            default: throw new SimViolationException($"no such effect: {effect}");
        }
    }

    private static void End(Running running, int completed, TimeSpan? after)
    {
        if (running.Isolated) running.Run.Consumer.IsolationTaken = false;
        running.Run.Finish(completed, after, completed > 0 ? running.Told : []);
    }

    private void On(Running running, TurnEvent happened, int most) => running.Run.Consumer.When(most, () => Do(running, running.Turn.On(happened, world.Now)));

    private void Load(Running running, TurnEffect.Load load)
    {
        if (world.Strikes(world.Knobs.StoreFails, "load failed"))
        {
            On(running, new TurnEvent.StoreFailed("struck"), 100);
            return;
        }

        var key = running.Run.Key;
        if (load.Attempts && running.Run.IsOwner())
        {
            foreach (var open in world.Store.Begun(key)) world.Check(!_owners[open](), $"{key}: attempt {open} counts as a death, and its owner is still at it");
        }

        On(running, new TurnEvent.Loaded(world.Store.StateOf(key), world.Store.FindSeen(load.Messages))
        {
            Attempts = load.Attempts ? world.Store.CountAttempts(key) : [],
            Parked = load.Parked ? world.Store.ParkedOf(key) : new ParkedPage([], 0),
            Pending = load.Parked ? world.Store.PendingOf(key) : [],
            HasReply = load.Reply is { } reply && world.Store.FindReply(reply) is not null,
        }, 5);
    }

    private void Record(Running running, TurnAttempt attempt)
    {
        if (world.Strikes(world.Knobs.StoreFails, "attempt not written"))
        {
            On(running, new TurnEvent.StoreFailed("struck"), 100);
            return;
        }

        world.Store.RecordAttempt(attempt);
        if (world.Strikes(world.Knobs.StoreExecutesAndTimesOut, "attempt written, answer lost")) On(running, new TurnEvent.StoreFailed("answer lost"), 1000);
        else On(running, new TurnEvent.AttemptRecorded(), 5);
    }

    private void Isolate(Running running)
    {
        var granted = running.Isolated || !running.Run.Consumer.IsolationTaken;
        if (granted) running.Isolated = running.Run.Consumer.IsolationTaken = true;
        world.Count(granted ? "ran alone" : "waited to run alone");
        On(running, new TurnEvent.Isolated(granted), 0);
    }

    private void Call(Running running, TurnEffect.CallEngine call)
    {
        var run = running.Run;
        var leave = world.Engine.Enter(run.Key, run.IsOwner);
        var outcome = world.Engine.Answer(call);
        var started = world.Now;

        if (call.Messages.Count > 1) world.Count("several messages in one turn");
        if (world.Engine.KilledBy(call.Messages) is { } killer)
        {
            run.Consumer.When(world.Knobs.EngineMilliseconds, () =>
            {
                leave();
                killer();
                run.Consumer.Kill!();
            });
            world.Soon(world.Knobs.EngineMilliseconds, leave);
            return;
        }

        // The engine answers whether or not the caller still lives.
        world.Soon(world.Knobs.EngineMilliseconds, leave);
        run.Consumer.When(world.Knobs.EngineMilliseconds, () =>
        {
            leave();
            Do(running, running.Turn.On(new TurnEvent.EngineReturned(outcome, world.Now - started), world.Now));
        });
    }

    private void Commit(Running running, TurnEffect.Commit commit)
    {
        if (world.Strikes(world.Knobs.StoreFails, "commit failed"))
        {
            On(running, new TurnEvent.StoreFailed("struck"), 100);
            return;
        }

        var outcome = world.Store.Commit(commit.Turn);
        if (world.Strikes(world.Knobs.StoreExecutesAndTimesOut, "commit executed, answer lost")) On(running, new TurnEvent.StoreFailed("answer lost"), 1000);
        else On(running, new TurnEvent.CommitReturned(outcome), 5);
    }

    /// <summary>As the runner: what was committed before is published before; with more to do behind it, the turn is over and its replies follow.</summary>
    private void AfterFollowing(Running running, TurnEffect.Publish publish)
    {
        var run = running.Run;
        if (!run.Lane.Following.IsCompleted)
        {
            world.Count("waited for what followed");
            run.Consumer.When(20, () => AfterFollowing(running, publish));
            return;
        }

        if (run.Progress.Ended.IsCancellationRequested)
        {
            End(running, 0, null);
            return;
        }

        if (!publish.MayFollow || run.Records.Count == running.Count)
        {
            Publish(running, publish);
            return;
        }

        world.Count("replies followed");
        var following = new TaskCompletionSource();
        run.Lane.Following = following.Task;
        run.Lane.Memory = null;
        if (running.Isolated) run.Consumer.IsolationTaken = false;
        run.FinishAfter(running.Count, whenDone => Follow(run, publish, following, whenDone));
    }

    private void Follow(SimRun run, TurnEffect.Publish publish, TaskCompletionSource following, Action<IReadOnlyList<ConversationEvent>> whenDone)
    {
        if (AppendAll(publish.Replies, 5 * world.Knobs.PublishFails))
        {
            following.SetResult();
            whenDone(publish.Facts);
        }
        else if (run.Progress.Ended.IsCancellationRequested)
        {
            world.Count("gave up what followed");
            following.SetCanceled();
            run.Progress.Exit();
        }
        else
        {
            run.Consumer.When(500, () => Follow(run, publish, following, whenDone));
        }
    }

    private void Publish(Running running, TurnEffect.Publish publish)
    {
        var acknowledged = AppendAll(publish.Replies, world.Knobs.PublishFails);
        if (acknowledged) running.Told = publish.Facts;
        On(running, new TurnEvent.PublishReturned(acknowledged), 5);
    }

    private bool AppendAll(IReadOnlyList<Reply> replies, double failing)
    {
        // A record may have arrived although its acknowledgement is missing; none is sent after it.
        foreach (var reply in replies)
        {
            var fails = world.Strikes(failing, "publish not acknowledged");
            if (!fails || world.Random.Next(2) == 0) world.Outbound.Append(reply.Key, reply);
            if (fails) return false;
        }

        return true;
    }

    private void DeadLetter(Running running, TurnEffect.DeadLetter letters)
    {
        var fails = world.Strikes(world.Knobs.PublishFails, "dead letter not acknowledged");
        if (!fails) world.DeadLetters.UnionWith(letters.Messages.Select(m => m.Message.MessageId));
        On(running, new TurnEvent.DeadLettered(!fails), 5);
    }

    private sealed record Running(SimRun Run, Turn Turn, int Count, ConversationCommand? Command)
    {
        public bool Isolated { get; set; }

        /// <summary>What is to be told before the offsets of the run's records count.</summary>
        public IReadOnlyList<ConversationEvent> Told { get; set; } = [];
    }
}
