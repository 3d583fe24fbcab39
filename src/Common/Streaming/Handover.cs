namespace Parley.Common.Streaming;

/// <summary>Which records of a new assignment an earlier owner may have begun on. Only the poll thread uses it.</summary>
/// <remarks>
/// An owner delivers at most <paramref name="span"/> records beyond the committed offset, where the new owner begins; and none that was
/// written after it had gone. Timestamps are the producers' clocks. A dead owner's partitions are given away when its session is over, so
/// a clock may be ahead by that much before a record it began on looks new; then one more attempt at it is not written down.
/// </remarks>
/// <param name="at">When the partition was assigned.</param>
/// <param name="span">Records between an owner's lowest unfinished and newest delivered one, at most.</param>
public sealed class Handover(DateTimeOffset at, int span)
{
    private long _first = -1;

    /// <param name="offset">Of the record; the first one asked about is the first delivered.</param>
    /// <param name="written">When the record was written; null when that is not known.</param>
    public bool MayHaveRun(long offset, DateTimeOffset? written)
    {
        if (_first < 0) _first = offset;
        return offset < _first + span && (written is null || written < at);
    }
}
