using Parley.Common.Conversations;
using Parley.Common.Stores;
using Parley.Common.Tenants;

namespace Parley.Processor.Turns;

/// <summary>The attempts at a turn: which are written down, which count, and what happens when they are spent.</summary>
/// <remarks>
/// The first attempt at a fresh message is not written: nearly all turns end with it, and a write would double their cost. Written before
/// they are made are attempts at a turn that has failed, and at one that an earlier owner may have begun. A record that kills the process
/// is found by the attempts that have no end: the first death leaves nothing, the second one such attempt, and then the turn runs with no
/// other of its kind beside it, so that a third death is certainly its own.
/// </remarks>
internal sealed partial class Turn
{
    /// <summary>Attempts without an end after which there is no other: the third death, or the second of one that was never fresh.</summary>
    private const int Deadly = 2;

    /// <summary>How long one waits at least for the place to be alone; at most three times as long.</summary>
    private static readonly TimeSpan IsolationPause = TimeSpan.FromMilliseconds(50);

    private TurnAttempt? _open;
    private TurnAttempt? _recording;
    private TurnEffect? _then;
    private int _failed;
    private int _unfinished;
    private bool _alone;

    /// <summary>Why the messages are dropped.</summary>
    private string? _dropped;

    /// <summary>The attempt that is written as begun and whose end is not; null when there is none. Whoever stops the run before its end withdraws it.</summary>
    public TurnAttempt? Open => _open;

    private string HeadOf(TurnMessage oldest) => DerivedId.Turn(_key, oldest.Message.Identity, oldest.Message.Identity);

    private void Count(IReadOnlyList<AttemptCount> attempts)
    {
        // A turn over one message and its head have the same id.
        var head = _unseen.Count == 1 && _command is null ? TurnId : HeadOf(_unseen[0]);
        Memory = Memory.For(head);
        var known = attempts.FirstOrDefault(a => a.Head == head);
        (_failed, _unfinished) = (known?.Failed ?? 0, known?.Unfinished ?? 0);
    }

    private TurnEffect Ask(DateTimeOffset now)
    {
        var attempts = _failed + _unfinished;
        if (Memory.Spent is { } spent) return Spend(spent, attempts, now);
        if (_unfinished >= Deadly) return Spend("a process died in each of the last attempts", attempts, now);
        if (_failed >= _rules.MaxAttempts) return Spend("the attempts were spent before", attempts, now);

        Memory = Memory with { WaitingSince = Memory.WaitingSince ?? now };
        var call = new TurnEffect.CallEngine(TurnId, _state!, _asked, attempts + 1);
        if (!Memory.HasFailed && attempts == 0 && !_unseen.Any(m => m.MayHaveRun)) return call;

        var begin = Record(Attempt(AttemptState.Begun), call);
        return _unfinished > 0 && !_alone ? new TurnEffect.Isolate() : begin;
    }

    private TurnEffect OnIsolated(bool granted)
    {
        Memory = Memory with { Alone = true };
        if (!granted) return new TurnEffect.Retry(IsolationPause + Spread(), "another turn that a process has died in is under way", Quiet: true);

        _alone = true;
        return _recording is { } begin ? new TurnEffect.RecordAttempt(begin) : Begin();
    }

    /// <summary>
    /// Hundreds may wait for the place. Those that find it taken at one moment would all come back at one moment, and the place would be empty between: each waits a time of its own.
    /// </summary>
    private TimeSpan Spread()
    {
        var hash = 17u;
        foreach (var letter in _attemptId) hash = (hash * 31) + letter;
        return 2 * IsolationPause * (hash % 1024 / 1024.0);
    }

    /// <summary>An attempt failed by itself.</summary>
    /// <param name="spends">No repetition would end otherwise.</param>
    private TurnEffect OnFailed(string reason, bool spends, DateTimeOffset now)
    {
        var attempts = _failed + _unfinished + 1;
        if (spends || _failed + 1 >= _rules.MaxAttempts)
        {
            Memory = Memory with { Spent = reason };
            return Spend(reason, attempts, now);
        }

        Memory = Memory with { HasFailed = true };
        return Record(Attempt(AttemptState.Failed), new TurnEffect.Retry(_rules.DelayAfter(_failed + 1), reason));
    }

    private TurnEffect Spend(string reason, int attempts, DateTimeOffset now)
    {
        if (_rules.WhenSpent == WhenSpent.Block) return Park(reason, attempts, now);
        Memory = Memory with { Spent = reason };
        return Drop(reason);
    }

    /// <summary>Nothing vanishes: the records go to the dead letters before the fallback text stands in.</summary>
    private TurnEffect.DeadLetter Drop(string reason) => new(_unseen, _dropped = reason);

    /// <summary>Writes the end of the attempt, if its beginning is written, before going on with <paramref name="then"/>.</summary>
    private TurnEffect Close(AttemptState end, TurnEffect then) => _open is { } open ? Record(open with { State = end }, then) : then;

    private TurnEffect.RecordAttempt Record(TurnAttempt attempt, TurnEffect then)
    {
        (_recording, _then) = (attempt, then);
        return new TurnEffect.RecordAttempt(attempt);
    }

    private TurnEffect OnAttemptRecorded()
    {
        var recorded = _recording!;
        if (Memory.Owed is { } owed && owed.AttemptId == recorded.AttemptId) Memory = Memory with { Owed = null };
        _open = recorded.State == AttemptState.Begun ? recorded : null;
        _recording = null;
        return _then!;
    }

    private TurnEffect.Retry OnStoreFailed(string reason)
    {
        // A write that may have happened is put right by the next run; until then it counts for more than it should.
        var owed = _recording is { State: AttemptState.Begun } begun ? begun with { State = AttemptState.Withdrawn }
            : _recording ?? (_open is { } open ? open with { State = AttemptState.Withdrawn } : null);
        if (owed is not null) Memory = Memory with { Owed = owed };
        (_recording, _open) = (null, null);
        return new TurnEffect.Retry(StorePause, reason);
    }

    private TurnAttempt Attempt(AttemptState state) => (_open ?? new TurnAttempt(_key, Memory.Head, _attemptId, state)) with { State = state };
}
