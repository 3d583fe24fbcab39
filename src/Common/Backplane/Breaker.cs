namespace Parley.Common.Backplane;

/// <summary>Keeps calls from something that does not answer: after some failures in a row it is left alone, then one call at a time tries again.</summary>
internal sealed class Breaker(TimeProvider time)
{
    private const int FailuresToOpen = 3;
    private static readonly TimeSpan OpenFor = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private int _failures;      // guarded by _gate
    private bool _open;         // guarded by _gate
    private long _openedAt;     // guarded by _gate; of the last failure while open

    /// <summary>Whether a call may be made now. While open, true for one caller each <see cref="OpenFor"/>.</summary>
    public bool MayCall()
    {
        lock (_gate)
        {
            if (!_open) return true;
            if (time.GetElapsedTime(_openedAt) < OpenFor) return false;

            _openedAt = time.GetTimestamp();
            return true;
        }
    }

    /// <summary>A call was answered. True when this closes the breaker.</summary>
    public bool Succeeded()
    {
        lock (_gate)
        {
            var closes = _open;
            (_open, _failures) = (false, 0);
            return closes;
        }
    }

    /// <summary>A call was not answered. True when this opens the breaker.</summary>
    public bool Failed()
    {
        lock (_gate)
        {
            if (_open || ++_failures < FailuresToOpen) return false;

            (_open, _openedAt) = (true, time.GetTimestamp());
            return true;
        }
    }
}
