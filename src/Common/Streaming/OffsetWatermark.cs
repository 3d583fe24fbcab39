namespace Parley.Common.Streaming;

/// <summary>
/// Which offset may be committed while records finish in any order: the lowest unfinished one, or one past the last delivered when all are done.
/// </summary>
/// <remarks>
/// Records are counted as they are delivered, not by their offsets, so gaps (compaction, transaction markers) need no care.
/// A ring of offsets and done flags; every operation is O(1) and allocates only when the ring grows. Not thread-safe.
/// </remarks>
public sealed class OffsetWatermark
{
    private long[] _offsets;
    private bool[] _done;
    private long _head;
    private long _tail;
    private long _next;

    /// <param name="position">The offset that was committed when the partition was assigned.</param>
    /// <param name="capacity">Records in flight before the ring grows; a power of two.</param>
    public OffsetWatermark(long position, int capacity = 1024)
    {
        if (!System.Numerics.BitOperations.IsPow2(capacity)) throw new ArgumentOutOfRangeException(nameof(capacity), capacity, "not a power of two");
        _next = position;
        _offsets = new long[capacity];
        _done = new bool[capacity];
    }

    /// <summary>Records between the lowest unfinished one and the last delivered one, both counted.</summary>
    public int Span => (int)(_tail - _head);

    /// <summary>The offset that may be committed.</summary>
    public long Committable => _head < _tail ? _offsets[_head & (_offsets.Length - 1)] : _next;

    /// <summary>The lowest offset that may be delivered next.</summary>
    public long Next => _next;

    /// <summary>Counts a delivered record; the ticket is for <see cref="Complete"/>.</summary>
    public long Track(long offset)
    {
        if (offset < _next) throw new ArgumentOutOfRangeException(nameof(offset), offset, $"delivered before: the next is {_next} or later");
        if (_tail - _head == _offsets.Length) Grow();

        var slot = _tail & (_offsets.Length - 1);
        _offsets[slot] = offset;
        _done[slot] = false;
        _next = offset + 1;
        return _tail++;
    }

    /// <summary>Marks a record as done for good. Twice is once.</summary>
    public void Complete(long ticket)
    {
        if (ticket < _head) return;
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(ticket, _tail);

        _done[ticket & (_done.Length - 1)] = true;
        while (_head < _tail && _done[_head & (_done.Length - 1)]) _head++;
    }

    private void Grow()
    {
        var offsets = new long[_offsets.Length * 2];
        var done = new bool[offsets.Length];
        for (var i = _head; i < _tail; i++)
        {
            offsets[i & (offsets.Length - 1)] = _offsets[i & (_offsets.Length - 1)];
            done[i & (done.Length - 1)] = _done[i & (_done.Length - 1)];
        }

        (_offsets, _done) = (offsets, done);
    }
}
