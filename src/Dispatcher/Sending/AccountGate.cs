namespace Parley.Dispatcher.Sending;

/// <summary>Accounts that may not send for a while. When the time is over, one reply at a time tries; the first that is taken, or refused for its own sake, opens the gate.</summary>
internal sealed class AccountGate(TimeProvider time)
{
    private static readonly TimeSpan FirstBlock = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestBlock = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>How long the one that tries has the gate for itself, if it never comes back.</summary>
    private static readonly TimeSpan Trial = TimeSpan.FromSeconds(15);

    /// <summary>How often the others look whether the trial is over.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Channel, string Account), Closed> _closed = []; // guarded by _gate

    /// <summary>Whether a reply of the account may be sent now; if not, when to ask again.</summary>
    public bool MayPass(string channel, string account, out TimeSpan wait)
    {
        wait = TimeSpan.Zero;
        lock (_gate)
        {
            if (!_closed.TryGetValue((channel, account), out var closed)) return true;

            wait = closed.Until - Now();
            if (closed.OnTrial && wait > LookAgain) wait = LookAgain;
            if (wait > TimeSpan.Zero) return false;

            closed.Until = Now() + Trial;
            closed.OnTrial = true;
            return true;
        }
    }

    /// <summary>The account may not send: its credential is dead, it is suspended. True when the gate was open before.</summary>
    public bool Block(string channel, string account) => Close(channel, account, null, FirstBlock, LongestBlock);

    /// <summary>The account is over its limit. True when the gate was open before.</summary>
    /// <param name="after">What the channel asked for; null when it did not say.</param>
    public bool Pause(string channel, string account, TimeSpan? after) => Close(channel, account, after, FirstPause, LongestPause);

    /// <summary>The channel dealt with a reply of the account. True when the gate was closed before.</summary>
    public bool Open(string channel, string account)
    {
        lock (_gate)
        {
            return _closed.Remove((channel, account));
        }
    }

    private bool Close(string channel, string account, TimeSpan? after, TimeSpan first, TimeSpan longest)
    {
        lock (_gate)
        {
            var opened = !_closed.TryGetValue((channel, account), out var closed);
            if (closed is null) _closed[(channel, account)] = closed = new Closed();
            // What was under way when the gate closed comes back with the same news: that is not one more failure.
            else if (!closed.OnTrial) return false;

            var wait = after ?? TimeSpan.FromTicks(Math.Min(longest.Ticks, first.Ticks << Math.Min(closed.Failures, 16)));
            (closed.Until, closed.OnTrial, closed.Failures) = (Now() + wait, false, closed.Failures + 1);
            return opened;
        }
    }

    private TimeSpan Now() => time.GetElapsedTime(0, time.GetTimestamp());

    private sealed class Closed
    {
        public TimeSpan Until;
        public bool OnTrial;
        public int Failures;
    }
}
