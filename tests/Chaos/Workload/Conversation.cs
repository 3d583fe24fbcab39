using Parley.Chaos.History;

namespace Parley.Chaos.Workload;

/// <summary>How a conversation's messages come in.</summary>
internal enum Way
{
    /// <summary>Signed webhooks to Ingest.</summary>
    Webhook,

    /// <summary>Records of another system, straight on the topic, under a conversation id of its own choice.</summary>
    Record,
}

/// <summary>A conversation and its closed loop: the next message is sent when the last one is accepted, so that their order is total.</summary>
internal sealed class Conversation(ChaosTenant tenant, string name, string phone, Way way)
{
    private int _next;
    private int _replied;
    private int _busy;
    private long _sentAt;

    public ChaosTenant Tenant { get; } = tenant;
    public string Name { get; } = name;
    public string Phone { get; } = phone;
    public Way Way { get; } = way;

    public int Sent => Volatile.Read(ref _next);

    /// <summary>Messages that wait for their replies. A reply says that none will come for those before it.</summary>
    public int Waiting => Math.Max(0, Sent - Volatile.Read(ref _replied));

    /// <summary>Takes the loop; false when a message is on its way in, or enough of them wait for their replies.</summary>
    public bool TryBegin(int window, TimeSpan patience)
    {
        if (Waiting >= window && RunHistory.Now - Volatile.Read(ref _sentAt) < patience.TotalMilliseconds * 1_000_000) return false;
        return Interlocked.CompareExchange(ref _busy, 1, 0) == 0;
    }

    public IReadOnlyList<MessageKey> Next(int count)
    {
        Volatile.Write(ref _sentAt, RunHistory.Now);
        var first = Interlocked.Add(ref _next, count) - count + 1;
        return [.. Enumerable.Range(first, count).Select(seq => new MessageKey(Tenant.Id, Name, seq))];
    }

    public void End() => Volatile.Write(ref _busy, 0);

    public void Replied(int seq)
    {
        while (Volatile.Read(ref _replied) is var known && seq > known && Interlocked.CompareExchange(ref _replied, seq, known) != known)
        {
            // Somebody else moved it: look again.
        }
    }
}
