using Parley.Common.Stores;

namespace Parley.Dispatcher.Sending;

/// <summary>What is to be done about a reply, given its row of the ledger.</summary>
internal abstract record LedgerStep
{
    private LedgerStep() { }

    /// <summary>Nothing: what became of it stands in the row.</summary>
    public sealed record Settled : LedgerStep;

    /// <summary>Nothing now, and nothing behind it may be sent before: somebody may be sending it, or it backs off.</summary>
    public sealed record Wait(DateTimeOffset Until) : LedgerStep;

    /// <summary>Nothing here: it is in doubt, its lease is over and it will never be sent again, so nothing has to wait for it. The outbox sweep settles it.</summary>
    public sealed record Leave : LedgerStep;

    /// <summary>Write the row, then decide anew.</summary>
    /// <param name="Resend">The attempt in the old row may have succeeded, and the tenant wants it sent again.</param>
    public sealed record Write(LedgerEntry Next, bool Resend = false) : LedgerStep;

    /// <summary>Send the part after <see cref="LedgerEntry.PartsSent"/>.</summary>
    /// <param name="Attempt">The row of this attempt.</param>
    /// <param name="Claim">Whether it must be written before the first byte. Not when sending twice does no harm.</param>
    public sealed record Send(LedgerEntry Attempt, bool Claim) : LedgerStep;
}
