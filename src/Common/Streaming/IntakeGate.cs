namespace Parley.Common.Streaming;

/// <summary>Whether to read on, from how much is buffered. A state machine: the clock is an argument.</summary>
/// <remarks>
/// Pausing a partition throws the client's prefetched records away, and resuming fetches them again. So for a short squeeze reading only
/// slows to a trickle, which keeps the client's callbacks alive; a long one, or far too much in the buffer, pauses.
/// </remarks>
internal sealed class IntakeGate(int high, long highBytes, TimeSpan patience)
{
    private DateTimeOffset? _fullSince;

    public Intake State { get; private set; }

    public Intake Decide(int records, long bytes, DateTimeOffset now)
    {
        var full = records >= high || bytes >= highBytes;
        var low = records <= high / 2 && bytes <= highBytes / 2;
        if (low || (!full && State == Intake.Read))
        {
            _fullSince = null;
            return State = Intake.Read;
        }

        if (State == Intake.Paused) return State;
        _fullSince ??= now;
        var tooMuch = records >= 2 * high || bytes >= 2 * highBytes;
        return State = tooMuch || now - _fullSince >= patience ? Intake.Paused : Intake.Trickle;
    }
}

internal enum Intake
{
    Read,

    /// <summary>One record now and then.</summary>
    Trickle,

    /// <summary>None, until the buffer is half empty.</summary>
    Paused,
}
