using Parley.Common.Records;
using Parley.Processor.Engine;
using Parley.Processor.Turns;

namespace Parley.Unit.Simulation;

/// <summary>The processor: the real <see cref="Turn"/>, whose effects are done with delays, failures, and answers that come too late.</summary>
internal sealed class SimProcessor(SimWorld world)
{
    private static readonly TenantRules Rules = new("sorry", TimeSpan.FromMinutes(30));

    public void Handle(SimRun run)
    {
        var turn = new Turn(run.Key, [.. run.Records.Select(r => new TurnMessage((InboundMessage)r.Record, run.Progress.Partition, r.Offset))], Rules);
        Do(run, turn, turn.Start());
    }

    private void Do(SimRun run, Turn turn, TurnEffect effect)
    {
        // The token of a run fires when its partition has gone; code may notice at any await, or only at the end.
        if (run.Progress.Ended.IsCancellationRequested && world.Random.Next(2) == 0)
        {
            run.Finish(0, null);
            return;
        }

        switch (effect)
        {
            case TurnEffect.Load load: run.Consumer.When(5, () => Load(run, turn, load)); break;
            case TurnEffect.CallEngine call: run.Consumer.When(3, () => Call(run, turn, call)); break;
            case TurnEffect.Commit commit: run.ReleasePermit(); run.Consumer.When(5, () => Commit(run, turn, commit)); break;
            case TurnEffect.Publish publish: run.ReleasePermit(); run.Consumer.When(5, () => Publish(run, turn, publish)); break;
            case TurnEffect.Done: run.Finish(run.Records.Count, null); break;
            case TurnEffect.Retry retry: run.Finish(0, retry.After); break;
        }
    }

    private void On(SimRun run, Turn turn, TurnEvent happened, int most) => run.Consumer.When(most, () => Do(run, turn, turn.On(happened, world.Now)));

    private void Load(SimRun run, Turn turn, TurnEffect.Load load)
    {
        if (world.Strikes(world.Knobs.StoreFails, "load failed")) On(run, turn, new TurnEvent.StoreFailed("struck"), 100);
        else On(run, turn, new TurnEvent.Loaded(world.Store.StateOf(run.Key), world.Store.FindSeen(load.Messages)), 5);
    }

    private void Call(SimRun run, Turn turn, TurnEffect.CallEngine call)
    {
        var leave = world.Engine.Enter(run.Key, run.IsOwner);
        var outcome = world.Engine.Answer(call.State, call.Messages);
        var started = world.Now;

        if (call.Messages.Count > 1) world.Count("several messages in one turn");

        // The engine answers whether or not the caller still lives.
        world.Soon(world.Knobs.EngineMilliseconds, leave);
        run.Consumer.When(world.Knobs.EngineMilliseconds, () =>
        {
            leave();
            Do(run, turn, turn.On(new TurnEvent.EngineReturned(outcome, world.Now - started, Patience: outcome is not EngineOutcome.Failed || world.Random.Next(2) == 0), world.Now));
        });
    }

    private void Commit(SimRun run, Turn turn, TurnEffect.Commit commit)
    {
        if (world.Strikes(world.Knobs.StoreFails, "commit failed"))
        {
            On(run, turn, new TurnEvent.StoreFailed("struck"), 100);
            return;
        }

        var outcome = world.Store.Commit(commit.Turn);
        if (world.Strikes(world.Knobs.StoreExecutesAndTimesOut, "commit executed, answer lost")) On(run, turn, new TurnEvent.StoreFailed("answer lost"), 1000);
        else On(run, turn, new TurnEvent.CommitReturned(outcome), 5);
    }

    private void Publish(SimRun run, Turn turn, TurnEffect.Publish publish)
    {
        // A record may have arrived although its acknowledgement is missing; none is sent after it.
        foreach (var reply in publish.Replies)
        {
            var fails = world.Strikes(world.Knobs.PublishFails, "publish not acknowledged");
            if (!fails || world.Random.Next(2) == 0) world.Outbound.Append(reply.Key, reply);
            if (!fails) continue;
            On(run, turn, new TurnEvent.PublishReturned(false), 5);
            return;
        }

        On(run, turn, new TurnEvent.PublishReturned(true), 5);
    }
}
