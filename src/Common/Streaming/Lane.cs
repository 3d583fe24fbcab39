using Parley.Common.Conversations;
using Parley.Common.Records;

namespace Parley.Common.Streaming;

/// <summary>The queue of one conversation inside this process. Guarded by the scheduler's owner.</summary>
internal sealed class Lane(ConversationKey key, TenantQueue tenant)
{
    public ConversationKey Key { get; } = key;
    public TenantQueue Tenant { get; } = tenant;
    public Queue<QueuedRecord> Records { get; } = new();
    public LaneState State { get; set; } = LaneState.Idle;

    /// <summary>Its place among the tenant's ready lanes.</summary>
    public LaneLinks InLine;

    /// <summary>Its place among those as busy as it is.</summary>
    public LaneLinks InBusyLine;

    /// <summary>How busy it was when it got ready: see <see cref="TenantQueue"/>; -1 when it is not.</summary>
    public int Level { get; set; } = -1;

    /// <summary>When a waiting lane may run again; also tells a stale timer entry from the present one.</summary>
    public DateTimeOffset DueAt { get; set; }

    /// <summary>Runs in a row that threw; resets with the first that does not.</summary>
    public int Failures { get; set; }

    /// <summary>What the present run wants to be told of records that are added meanwhile.</summary>
    public Action<KafkaRecord>? OnAdded { get; set; }

    /// <summary>See <see cref="LaneRun.Memory"/>. Only the lane's run touches it.</summary>
    public object? Memory { get; set; }

    /// <summary>See <see cref="LaneRun.Following"/>. Only the lane's run touches it.</summary>
    public Task Following { get; set; } = Task.CompletedTask;

    /// <summary>Whether the present run still holds its permit.</summary>
    public bool HoldsPermit { get; set; }
}

internal enum LaneState
{
    /// <summary>Nothing to do.</summary>
    Idle,

    /// <summary>In its tenant's queue.</summary>
    Ready,

    Running,

    /// <summary>Until <see cref="Lane.DueAt"/>.</summary>
    Waiting,
}

/// <summary>A record on its way through a lane.</summary>
/// <param name="Ticket">Of the assignment's watermark.</param>
/// <param name="Bytes">What it counts for in the buffer.</param>
/// <param name="MayHaveRun">See <see cref="LaneRecord.MayHaveRun"/>.</param>
internal readonly record struct QueuedRecord(KafkaRecord Record, PartitionProgress Progress, long Offset, long Ticket, int Bytes, bool MayHaveRun = false);
