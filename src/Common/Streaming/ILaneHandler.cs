namespace Parley.Common.Streaming;

/// <summary>What a consumer does with the records of a lane. Never run twice at once for one conversation.</summary>
public interface ILaneHandler
{
    /// <summary>
    /// Handles the oldest records of a lane, as many as it likes. An exception counts as none handled: the lane backs off and runs again.
    /// </summary>
    /// <param name="run">The records that wait, oldest first.</param>
    /// <param name="cancellation">Fires when the partition is lost or the drain time is over. A run that is cancelled must do no harm when it runs again elsewhere.</param>
    Task<LaneResult> RunAsync(LaneRun run, CancellationToken cancellation);
}

/// <summary>A record with its coordinates, decoded.</summary>
/// <param name="MayHaveRun">Whether an earlier owner of the partition may have begun on it.</param>
public sealed record LaneRecord(Records.DecodedRecord Decoded, Records.KafkaRecord Record, int Partition, long Offset, bool MayHaveRun = false);

/// <summary>How a run ended.</summary>
/// <param name="Completed">How many of the run's records, from the oldest, are done for good.</param>
/// <param name="RetryAfter">How long the lane waits before it runs again; null to go on at once. Its neighbours do not wait.</param>
/// <param name="DeadLetter">Why the record after the completed ones cannot be handled at all: it goes to the dead letters and is done.</param>
/// <param name="WholePool">The engine as a whole is failing: with this lane, nothing of its pool starts before <paramref name="RetryAfter"/>.</param>
/// <param name="After">
/// What is still under way when the lane goes on: the completed records' offsets count when it has ended, and not at all when it fails. Null when nothing is.
/// </param>
public readonly record struct LaneResult(int Completed, TimeSpan? RetryAfter = null, string? DeadLetter = null, bool WholePool = false, Task? After = null)
{
    public static LaneResult Done(int completed, Task? after = null) => new(completed, After: after);

    public static LaneResult Retry(TimeSpan after, int completed = 0) => new(completed, after);

    public static LaneResult SuspendPool(TimeSpan after, int completed = 0) => new(completed, after, WholePool: true);

    public static LaneResult Unhandled(string reason, int completed = 0) => new(completed, DeadLetter: reason);
}
