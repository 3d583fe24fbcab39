namespace Parley.Dispatcher.Sending;

/// <summary>What the channel made of an attempt. All but <see cref="InDoubt"/> are definite.</summary>
internal abstract record SendResult
{
    private SendResult() { }

    /// <summary>Taken.</summary>
    /// <param name="ProviderMessageId">The channel's id of the message; null on a channel without ids.</param>
    public sealed record Sent(string? ProviderMessageId) : SendResult;

    /// <summary>Certainly not taken, now: nothing was written, or the channel refused and says that it may take it later.</summary>
    /// <param name="After">When to try again; null for a backoff that grows with the tries.</param>
    /// <param name="MaxTries">Gives up earlier than the installation's limit; null for that limit.</param>
    /// <param name="Growth">Factor of that backoff, which begins at a second.</param>
    /// <param name="WholeAccount">The account is over its limit: none of its replies may leave until then.</param>
    public sealed record Refused(string Reason, TimeSpan? After = null, int? MaxTries = null, double Growth = 2, bool WholeAccount = false) : SendResult;

    /// <summary>Certainly not taken, and not because of this reply: the account's credential is dead, or the account is suspended.</summary>
    public sealed record AccountBlocked(string Reason) : SendResult;

    /// <summary>Certainly not taken, and never will be.</summary>
    public sealed record Rejected(string Reason) : SendResult;

    /// <summary>Bytes were written and there is no answer that says what became of them.</summary>
    public sealed record InDoubt(string Reason) : SendResult;
}
