namespace Parley.Dispatcher.Sending;

/// <summary>The moment before the first byte of an attempt, which a channel has to ask for: is there still time? And from then on: something may have left.</summary>
/// <param name="notAfter">
/// No byte leaves after it, even where a timer should have fired: after a pause of the process, timers are later than everything else.
/// </param>
/// <param name="time">The clock of <paramref name="notAfter"/>.</param>
/// <param name="begun">Called once, when there was time.</param>
internal sealed class FirstByte(DateTimeOffset notAfter, TimeProvider time, Action? begun = null)
{
    private bool _hasWritten;

    /// <summary>Whether any byte may have left. If not, the channel cannot have taken the message.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>To be called when the bytes are handed to the connection; if false, nothing may be written.</summary>
    public bool TryBegin()
    {
        if (time.GetUtcNow() > notAfter) return false;
        HasBegun = true;
        begun?.Invoke();
        return true;
    }

    /// <summary>
    /// To be called right before bytes go to the system, by those who can: buffers and encryption lie between the bytes' being handed over and that, and a pause
    /// finds a process there often enough. If false, nothing may be written.
    /// </summary>
    public bool TryWrite()
    {
        if (time.GetUtcNow() > notAfter)
        {
            HasBegun = _hasWritten;
            return false;
        }

        return _hasWritten = true;
    }
}
