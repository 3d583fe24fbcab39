namespace Parley.TestKit.Proxies;

/// <summary>How many answers are still to be dropped, shared by the connections of a proxy, and how many were.</summary>
public sealed class AnswerDrops
{
    private int _armed;
    private int _done;

    public int Done => Volatile.Read(ref _done);

    public void Arm(int more = 1) => Interlocked.Add(ref _armed, more);

    public void Disarm() => Interlocked.Exchange(ref _armed, 0);

    /// <summary>True when this answer is to be dropped.</summary>
    public bool Take()
    {
        while (Volatile.Read(ref _armed) is var left and > 0)
        {
            if (Interlocked.CompareExchange(ref _armed, left - 1, left) != left) continue;
            Interlocked.Increment(ref _done);
            return true;
        }

        return false;
    }
}
