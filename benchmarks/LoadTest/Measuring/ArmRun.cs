namespace Parley.LoadTest.Measuring;

/// <summary>One measured run of one arm.</summary>
internal sealed record ArmRun
{
    public required string Arm { get; init; }
    public required Load Load { get; init; }

    /// <summary>Replies a second after the warm-up.</summary>
    public required double Rate { get; init; }

    /// <summary>Turns a second that engine and order allow; null when nothing bounds them.</summary>
    public double? Bound { get; init; }

    /// <summary>Processor time of the arm's processes for a reply, in microseconds.</summary>
    public double CpuMicroseconds { get; init; }

    /// <summary>Processor time of the broker for a reply, in microseconds.</summary>
    public double BrokerCpuMicroseconds { get; init; }

    /// <summary>Share of all cores' time, from the start to the end of the run, that the machine wanted and did not get: what a virtual machine's host gave to others.</summary>
    public double StolenShare { get; init; }

    public double PeakMebibytes { get; init; }
    public int Replies { get; init; }
    public int Missing { get; init; }
    public int DuplicateReplies { get; init; }
    public int RepeatedRecords { get; init; }
    public int OrderBreaks { get; init; }

    /// <summary>The arm was stopped before it was through: what is missing was not lost.</summary>
    public bool StoppedEarly { get; init; }

    /// <summary>Seconds since the first reply, and replies a second in the second before.</summary>
    public IReadOnlyList<(double Seconds, double Value)> RateOverTime { get; init; } = [];

    /// <summary>Seconds since the start, and resident memory in MiB.</summary>
    public IReadOnlyList<(double Seconds, double Value)> MemoryOverTime { get; init; } = [];

    public double? Efficiency => Bound is { } bound ? Rate / bound : null;

    /// <summary>What must not be, whatever the speed; null when all is well.</summary>
    public string? Violation => (Missing > 0 && !StoppedEarly, DuplicateReplies > 0, OrderBreaks > 0) switch
    {
        (true, _, _) => $"{Missing} messages without a reply",
        (_, true, _) => $"{DuplicateReplies} duplicate replies",
        (_, _, true) => $"{OrderBreaks} messages answered out of order",
        _ => null,
    };
}
