namespace Parley.Common.Stores;

/// <summary>The ledger's row of one reply: who may send it, and what is known of the sending.</summary>
public sealed record LedgerEntry
{
    public required string Tenant { get; init; }
    public required string ReplyId { get; init; }
    public required LedgerState State { get; init; }

    /// <summary>Attempts written so far; an attempt is written before its bytes.</summary>
    public int Attempt { get; init; }

    /// <summary>The dispatcher process of the current attempt.</summary>
    public string? Owner { get; init; }

    /// <summary>Until when the current attempt may still be under way.</summary>
    public DateTimeOffset? Deadline { get; init; }

    public string? ProviderMessageId { get; init; }
    public string? Reason { get; init; }
}

/// <summary>The states of a sending.</summary>
public enum LedgerState { Pending, Sending, Sent, Failed, Unknown }
