using Parley.Common.Stores;

namespace Parley.Dispatcher.Sending;

/// <summary>Says once that the store is away and once that it is back, however many replies wait for it.</summary>
internal sealed partial class StoreWatch(ILogger<StoreWatch> log)
{
    private int _away;

    public void Away(StoreUnavailableException e)
    {
        if (Interlocked.Exchange(ref _away, 1) == 0) LogAway(e.Message);
    }

    public void Answered()
    {
        if (Volatile.Read(ref _away) == 1 && Interlocked.Exchange(ref _away, 0) == 1) LogBack();
    }

    [LoggerMessage(1, LogLevel.Warning, "Replies wait for the store: {Reason}")]
    private partial void LogAway(string reason);

    [LoggerMessage(2, LogLevel.Information, "The store answers, replies go on")]
    private partial void LogBack();
}
