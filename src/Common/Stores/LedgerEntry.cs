using Parley.Common.Records;

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

    /// <summary>Sending: until when the current attempt may still be under way. Pending: until when somebody is trusted to have it in hand.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Of a reply that is sent in parts: those the channel has taken. The next attempt is at the part after them.</summary>
    public int PartsSent { get; init; }

    public string? ProviderMessageId { get; init; }
    public string? Reason { get; init; }
}

/// <summary>A reply whose sending is not settled, with its row of the ledger.</summary>
public sealed record OwedReply(Reply Reply, LedgerEntry Ledger);

/// <summary>The states of a sending. Sent and Failed are settled; Unknown is for good unless a receipt settles it.</summary>
public enum LedgerState { Pending, Sending, Sent, Failed, Unknown }
