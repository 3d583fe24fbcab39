using System.Runtime.CompilerServices;
using Parley.Common.Records;

namespace Parley.Processor.Receipts;

/// <summary>
/// Which replies have lately gone beyond accepted, of each assignment of a partition: of those an acceptance that comes late tells nothing new. No store, no I/O;
/// what is not known here costs a look at the row, never the order of facts.
/// </summary>
/// <remarks>Called by many lanes at once. Replies are remembered by a hash: two that share one cost a look.</remarks>
internal sealed class RecentDeliveries(TimeProvider time)
{
    /// <summary>How long a reply is remembered, at least.</summary>
    public static readonly TimeSpan Span = 3 * Receipt.RecordedWithin;

    /// <summary>
    /// How old an acceptance may be, by the clock of whoever wrote it. No status of its reply was handled earlier than <see cref="Receipt.RecordedWithin"/> before it was written, so with this
    /// everything that could be known of the reply lies within the <see cref="Span"/>, and ten seconds are left for clocks that differ.
    /// </summary>
    public static readonly TimeSpan Fresh = 1.5 * Receipt.RecordedWithin;

    private readonly ConditionalWeakTable<object, Watch> _watches = [];

    /// <summary>Whether nothing is known of a reply beyond its acceptance, by us or by an earlier owner of the partition.</summary>
    /// <param name="assignment">See <see cref="Common.Streaming.LaneRun.Assignment"/>.</param>
    /// <param name="hadOwner">Whether there may have been an earlier owner: then nobody can say until the assignment has been watched for <see cref="Span"/>.</param>
    /// <param name="tenant">Of the reply.</param>
    /// <param name="replyId">Its id.</param>
    /// <param name="at">When the acceptance was written: behind a turn that took long, what came before it may be forgotten.</param>
    public bool IsNew(object assignment, bool hadOwner, string tenant, string replyId, DateTimeOffset at)
    {
        var (watch, now) = (WatchOf(assignment), time.GetUtcNow());
        return now - at <= Fresh && (!hadOwner || now - watch.Since >= Span) && !watch.Has(HashCode.Combine(tenant, replyId));
    }

    /// <summary>A reply of the assignment has gone beyond accepted, or has failed.</summary>
    public void Moved(object assignment, string tenant, string replyId) => WatchOf(assignment).Add(HashCode.Combine(tenant, replyId), time.GetUtcNow());

    private Watch WatchOf(object assignment) => _watches.GetValue(assignment, _ => new Watch(time.GetUtcNow()));

    /// <summary>Two generations: what is forgotten is at least one <see cref="Span"/> old.</summary>
    private sealed class Watch
    {
        private readonly Lock _gate = new();
        private HashSet<int> _young = [];
        private HashSet<int> _old = [];
        private DateTimeOffset _turnedAt;

        public Watch(DateTimeOffset since) => Since = _turnedAt = since;

        public DateTimeOffset Since { get; }

        public bool Has(int reply)
        {
            lock (_gate) return _young.Contains(reply) || _old.Contains(reply);
        }

        public void Add(int reply, DateTimeOffset now)
        {
            lock (_gate)
            {
                if (now - _turnedAt >= Span) (_old, _young, _turnedAt) = (_young, [], now);
                _young.Add(reply);
            }
        }
    }
}
