using Parley.Common.Conversations;
using Parley.Common.Records;

namespace Parley.Common.Streaming;

/// <summary>One run of a lane: the records that wait, and the permit it holds.</summary>
public sealed class LaneRun
{
    private readonly LaneRunner _runner;
    private readonly Lane _lane;
    private readonly QueuedRecord[] _taken;
    private IReadOnlyList<LaneRecord>? _records;
    private int _permitReleased;

    /// <param name="head">The oldest of <paramref name="taken"/>, read.</param>
    /// <param name="taken">Not read yet, but for the head: most runs never look further.</param>
    internal LaneRun(LaneRunner runner, Lane lane, LaneRecord head, QueuedRecord[] taken) =>
        (_runner, _lane, Head, _taken) = (runner, lane, head, taken);

    public ConversationKey Key => _lane.Key;

    /// <summary>How busy the conversation was when the run began: -1 for not, 0 for at least twice its tenant's average, 1 for four times, and so on.</summary>
    public int Level => _lane.Level;

    /// <summary>The oldest record.</summary>
    public LaneRecord Head { get; }

    /// <summary>At least one, the <see cref="Head"/>; oldest first; all of one assignment; up to the first that cannot be read.</summary>
    public IReadOnlyList<LaneRecord> Records => _records ??= ReadOn();

    /// <summary>Whether the lane has more than <paramref name="count"/> records: others are waiting for the run to end.</summary>
    public bool HasMoreThan(int count) => _taken.Length > count;

    /// <summary>The assignment the records came with. A partition that comes back is another one: what was known with the first may be stale.</summary>
    public object Assignment => _taken[0].Progress;

    /// <summary>Whether somebody may have owned the partition before this assignment.</summary>
    public bool HadOwner => _taken[0].Progress.HadOwner;

    /// <summary>What the handler wants to find again in the lane's next run. Forgotten when nothing waits in the lane any more.</summary>
    public object? Memory
    {
        get => _lane.Memory;
        set => _lane.Memory = value;
    }

    /// <summary>
    /// What an earlier run of the lane left under way and the later ones have to await before they do the like. The lane is kept until it has ended, so that a
    /// run always finds it. It ends unfinished only with the assignment.
    /// </summary>
    public Task Following
    {
        get => _lane.Following;
        set => _lane.Following = value;
    }

    /// <summary>
    /// Gives the permit back before the run ends: the scarce thing (the engine) is no longer in use, the rest (store, broker) has limits
    /// of its own. The lane stays busy until the run ends. Safe to call twice.
    /// </summary>
    public void ReleasePermit()
    {
        if (Interlocked.Exchange(ref _permitReleased, 1) == 0) _runner.ReleasePermit(_lane);
    }

    /// <summary>Calls <paramref name="onAdded"/>, on the poll thread, for each record that is queued behind this run from now until it ends. It must not block.</summary>
    public void OnAdded(Action<KafkaRecord> onAdded) => _runner.Watch(_lane, onAdded);

    private List<LaneRecord> ReadOn()
    {
        var records = new List<LaneRecord>(_taken.Length) { Head };
        for (var i = 1; i < _taken.Length; i++)
        {
            if (LaneRunner.Read(_taken[i]) is not { Decoded: not DecodedRecord.Unreadable } record) break;
            records.Add(record);
        }

        return records;
    }
}
