using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.Processor.Turns;

namespace Parley.Unit.SmallScope;

/// <summary>What a processor does about a turn's wishes, one step at a time.</summary>
internal static class SmallProcessor
{
    public static SmallRun Begin(SmallWorld world, ConversationKey key, IReadOnlyList<long> offsets, bool mayHaveRun, string attemptId) =>
        new Answering(new SmallTurn(key, [.. offsets.Select(o => (o, (InboundMessage)world.Inbound.Log[(int)o]))], mayHaveRun, attemptId));

    public static IEnumerable<SmallStep> Steps(SmallWorld world, int who, ConversationKey key, Answering run)
    {
        var name = $"processor {who}: {run.Turn.Print.Split(',')[0]}";
        switch (run.Turn.Wants)
        {
            case TurnEffect.Load load:
                yield return new($"{name} loads", StepKind.Free, w => Load(w, who, key, run, load));
                break;

            case TurnEffect.RecordAttempt attempt:
                yield return new($"{name} writes its attempt", StepKind.Free, w =>
                {
                    w.Store.RecordAttempt(attempt.Attempt);
                    Go(w, who, key, run.Turn.After(new TurnEvent.AttemptRecorded(), "attempted"));
                });
                break;

            case TurnEffect.Commit commit:
                yield return new($"{name} commits", StepKind.Free, w => Commit(w, who, key, run, commit, isLost: false));
                yield return new($"{name} commits and the answer is lost", StepKind.Fault, w => Commit(w, who, key, run, commit, isLost: true));
                break;

            case TurnEffect.Publish publish:
                yield return new($"{name} publishes {publish.Replies.Count}", StepKind.Free, w => Publish(w, who, key, run, publish, publish.Replies.Count, isLost: false));
                for (var arrived = 1; arrived <= publish.Replies.Count; arrived++)
                {
                    var many = arrived;
                    yield return new($"{name} publishes {many} of {publish.Replies.Count}, not acknowledged", StepKind.Fault, w => Publish(w, who, key, run, publish, many, isLost: true));
                }

                break;

            default: throw new NotSupportedException($"no step for {run.Turn.Wants.GetType().Name}");
        }
    }

    private static void Load(SmallWorld world, int who, ConversationKey key, Answering run, TurnEffect.Load load)
    {
        var (state, seen) = (world.Store.StateOf(key), world.Store.FindSeen(load.Messages));
        var owed = seen.SelectMany(s => s.Replies).Where(r => r.State == LedgerState.Pending).Select(r => r.Reply.Seq);
        var attempts = load.Attempts ? world.Store.CountAttempts(key) : [];
        Go(world, who, key, run.Turn.After(
            new TurnEvent.Loaded(state, seen) { Attempts = attempts }, $"v{state?.Version} seen {seen.Count} owed {string.Join('+', owed)} tried {string.Join('+', attempts)}"));
    }

    private static void Commit(SmallWorld world, int who, ConversationKey key, Answering run, TurnEffect.Commit commit, bool isLost)
    {
        var outcome = world.Store.Commit(commit.Turn);
        world.CheckOrder(key);
        Go(world, who, key, isLost ? run.Turn.After(new TurnEvent.StoreFailed("the answer was lost"), "lost") : run.Turn.After(new TurnEvent.CommitReturned(outcome), $"{outcome}"));
    }

    private static void Publish(SmallWorld world, int who, ConversationKey key, Answering run, TurnEffect.Publish publish, int arrived, bool isLost)
    {
        world.Outbound.Log.AddRange(publish.Replies.Take(arrived));
        Go(world, who, key, run.Turn.After(new TurnEvent.PublishReturned(!isLost), isLost ? "unpublished" : "published"));
    }

    /// <summary>Goes on to where the turn wants something of the world.</summary>
    private static void Go(SmallWorld world, int who, ConversationKey key, SmallTurn turn)
    {
        var process = world.Processors[who];
        switch (turn.Wants)
        {
            case TurnEffect.Done:
                world.End(process, key, turn.Count);
                return;

            // Which turn runs beside which makes no difference here: none of them kills its process.
            case TurnEffect.Isolate:
                Go(world, who, key, turn.After(new TurnEvent.Isolated(true), "isolated"));
                return;

            // The engine changes nothing that anybody else sees: its answer needs no step of its own.
            case TurnEffect.CallEngine call:
                Go(world, who, key, turn.After(SmallTurn.Answer(call.Messages), "answered"));
                return;

            // How long it waits makes no difference to what may happen: anything may happen first.
            case TurnEffect.Retry:
                world.End(process, key, 0);
                return;

            case TurnEffect.Commit when world.Scope.Broken == Broken.OffsetBeforeCommit:
                process.Consumer.Complete(key, turn.Count);
                break;

            case TurnEffect.Publish:
                process.Consumer.ReleasePermit(key);
                break;
        }

        process.Runs[key] = new Answering(turn);
    }

    public sealed record Answering(SmallTurn Turn) : SmallRun
    {
        public override string Print => Turn.Print;
    }
}
