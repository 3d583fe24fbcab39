using System.ComponentModel.DataAnnotations;

namespace Parley.Processor;

/// <summary>What the processor takes on; setting <c>Processor</c>.</summary>
public sealed class ProcessorOptions
{
    /// <summary>The consumer group; processors of one installation share it.</summary>
    [Required]
    public string Group { get; set; } = "parley-processor";

    /// <summary>Records buffered before reading slows down; 0 for sixteen times the engine's permits, at least 8,192.</summary>
    [Range(0, 1_000_000)]
    public int BufferedRecords { get; set; }

    /// <summary>Conversations whose state is remembered while their partition is owned, about (default: 20,000); 0 for none.</summary>
    [Range(0, 10_000_000)]
    public int CachedConversations { get; set; } = 20_000;

    /// <summary>Wait before the second attempt at a turn that failed by itself (default: 1 s); doubles with each further one.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The wait between attempts does not grow beyond this (default: 30 s).</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long turns under way may go on when partitions are taken away or the process stops (default: 10 s).</summary>
    public TimeSpan DrainTime { get; set; } = TimeSpan.FromSeconds(10);
}
