using Parley.Common.Conversations;
using Parley.Common.Records;

namespace Parley.Common.Streaming;

/// <summary>One run of a lane: the records that wait, and the permit it holds.</summary>
public sealed class LaneRun(ConversationKey key, IReadOnlyList<LaneRecord> records, Action releasePermit, Action<Action<KafkaRecord>> watch)
{
    private int _permitReleased;

    public ConversationKey Key { get; } = key;

    /// <summary>At least one; oldest first; all of one partition.</summary>
    public IReadOnlyList<LaneRecord> Records { get; } = records;

    /// <summary>
    /// Gives the permit back before the run ends: the scarce thing (the engine) is no longer in use, the rest (store, broker) has limits
    /// of its own. The lane stays busy until the run ends. Safe to call twice.
    /// </summary>
    public void ReleasePermit()
    {
        if (Interlocked.Exchange(ref _permitReleased, 1) == 0) releasePermit();
    }

    /// <summary>Calls <paramref name="onAdded"/>, on the poll thread, for each record that is queued behind this run from now until it ends. It must not block.</summary>
    public void OnAdded(Action<KafkaRecord> onAdded) => watch(onAdded);
}
