using Parley.Common.Records;
using Parley.Common.Streaming;
using Parley.Common.Tenants;

namespace Parley.Processor.Inbound;

/// <summary>Which of the waiting records make the next turn, and whether it is time. No clock: the time is an argument.</summary>
/// <param name="Count">Messages of the turn, from the oldest.</param>
/// <param name="Wait">How long the conversation rests first; null to start now.</param>
internal readonly record struct Gathering(int Count, TimeSpan? Wait = null)
{
    /// <remarks>Nothing is remembered between calls: what waits is in the topic, so a policy holds across restarts.</remarks>
    public static Gathering Of(LaneRun run, TurnPolicy policy, DateTimeOffset now) =>
        policy.Mode == TurnMode.Enqueue ? new Gathering(1) : Of(run.Records, policy, now);

    /// <param name="waiting">Oldest first.</param>
    /// <param name="policy">The tenant's, on this channel.</param>
    /// <param name="now">The time.</param>
    public static Gathering Of(IReadOnlyList<LaneRecord> waiting, TurnPolicy policy, DateTimeOffset now)
    {
        if (policy.Mode == TurnMode.Enqueue) return new Gathering(1);

        // What an earlier owner may have begun runs by itself: if a process died of one of several, nobody could say of which.
        if (waiting[0].MayHaveRun) return new Gathering(1);

        // Only messages that follow each other: a receipt between them keeps its place.
        var count = 0;
        while (count < waiting.Count && count < policy.MaxMessages && waiting[count] is { MayHaveRun: false, Decoded: DecodedRecord.OfMessage }) count++;
        if (policy.Mode != TurnMode.Debounce || count == policy.MaxMessages) return new Gathering(count);

        var oldest = ReceivedAt(waiting[0], now);
        var newest = ReceivedAt(waiting[count - 1], now);
        var due = Earlier(newest + policy.Pause, oldest + policy.MaxWait);
        return due > now ? new Gathering(count, due - now) : new Gathering(count);
    }

    /// <summary>Whether a message that comes now may still end the engine's call and join its turn.</summary>
    public static bool MayInterrupt(LaneRecord oldest, TurnPolicy policy, DateTimeOffset now) =>
        policy.Mode == TurnMode.Interrupt && !oldest.MayHaveRun && now < ReceivedAt(oldest, now) + policy.MaxWait;

    // A foreign producer may leave the time out, or be ahead of us: then it came now.
    private static DateTimeOffset ReceivedAt(LaneRecord record, DateTimeOffset now) =>
        record.Decoded is DecodedRecord.OfMessage { Message.ReceivedAt: { } at } && at < now ? at : now;

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
