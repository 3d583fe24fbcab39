namespace Parley.Common.Streaming;

/// <summary>One consumer: what it reads and how much it takes on.</summary>
public sealed record StreamSettings
{
    /// <summary>For logs, metrics and health: <c>inbound</c>, <c>outbound</c>.</summary>
    public required string Name { get; init; }

    public required string Topic { get; init; }

    /// <summary>The consumer group.</summary>
    public required string Group { get; init; }

    /// <summary>Runs that may hold a permit of one pool at once (default: 256).</summary>
    public int Permits { get; init; } = 256;

    /// <summary>Records given to one run at most (default: 16).</summary>
    public int RecordsPerRun { get; init; } = 16;

    /// <summary>
    /// Records that may be buffered before reading slows down (default: 8,192, or sixteen times the permits): enough that the permits find
    /// distinct conversations behind a tenant that floods or hangs, little enough that memory stays flat under any backlog.
    /// </summary>
    public int BufferedRecords { get; init; }

    /// <summary>Bytes that may be buffered before reading slows down (default: 64 MiB).</summary>
    public long BufferedBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>
    /// Records of one partition between its lowest unfinished and its newest delivered one (default: 32,768). Past it the partition is
    /// not read further, so that one stuck conversation cannot make a restart re-read without limit.
    /// </summary>
    public int MaxSpan { get; init; } = 32_768;

    /// <summary>How long a partition that is taken away, or a stopping process, waits for runs under way (default: 10 s).</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How a tenant shares in the permits (default: all alike, one pool).</summary>
    public Func<string, LaneShare> Share { get; init; } = static _ => new LaneShare("");

    internal int BufferHigh => BufferedRecords > 0 ? BufferedRecords : Math.Max(8_192, 16 * Permits);
}
