namespace Parley.Common.Streaming;

/// <summary>When to give memory back to the system: once after the buffer has been full, when it has been nearly empty for a while. A state machine.</summary>
/// <remarks>The runtime keeps what it has once needed; in the quiet after an overload a collection that returns it costs nobody anything.</remarks>
internal sealed class TrimGate(int high, TimeSpan calm)
{
    private bool _wasFull;
    private DateTimeOffset? _calmSince;

    /// <param name="records">Buffered now.</param>
    /// <param name="now">The time.</param>
    /// <returns>True once, when it is time.</returns>
    public bool Decide(int records, DateTimeOffset now)
    {
        _wasFull |= records >= high;
        if (!_wasFull || records > high / 16)
        {
            _calmSince = null;
            return false;
        }

        _calmSince ??= now;
        if (now - _calmSince < calm) return false;
        (_wasFull, _calmSince) = (false, null);
        return true;
    }
}
