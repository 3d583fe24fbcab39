using System.ComponentModel.DataAnnotations;

namespace Parley.Common.Tenants;

/// <summary>What becomes of a turn that keeps failing by itself. An engine that is away as a whole counts for no turn.</summary>
public sealed class FailurePolicy
{
    /// <summary>Attempts at one turn, at most (default: 5). An answer that no repetition cures spends them all at once.</summary>
    [Range(1, 100)]
    public int MaxAttempts { get; set; } = 5;

    /// <summary>What happens when the attempts are spent.</summary>
    [EnumDataType(typeof(WhenSpent))]
    public WhenSpent WhenSpent { get; set; } = WhenSpent.Block;
}

/// <summary>The ends of a turn that could not be run.</summary>
public enum WhenSpent
{
    /// <summary>The conversation parks: its messages are kept in order and nothing is answered until a person releases it.</summary>
    Block,

    /// <summary>The customer gets the fallback text, the record goes to the dead letters, the conversation goes on.</summary>
    Skip,
}
