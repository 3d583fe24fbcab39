using Parley.Common.Stores;
using Parley.Common.Tenants;

namespace Parley.Dispatcher.Sending;

/// <summary>
/// What may be done about a reply, and what an attempt made of it. Pure: rows in, rows out. Every row it wants written is written by
/// compare-and-set on state, attempt and owner, so of two dispatchers that decide the same, one is told to look again; and one that comes back
/// from a pause after the lease of its attempt has nothing to say any more but that the channel took it: what came behind it has left.
/// </summary>
/// <remarks>
/// <para>pending → sending (attempt n, deadline) → sent | failed | unknown | pending again. The attempt is written before its bytes.</para>
/// <para>A row in sending <i>without</i> a reason is an attempt under way until its deadline, the end of its lease. <i>With</i> a reason it is in
/// doubt: its bytes may have arrived, or may still be on their way to a channel that is slow to take them. It keeps its owner and its place until
/// the lease is over, as what is sent behind it could be taken before it. Without an owner it is over, and until the deadline a status may tell
/// what became of it. After that the tenant's policy decides.</para>
/// <para>A row in pending <i>with</i> an owner backs off until its deadline; without one it is ready.</para>
/// <para>A reply that needs several parts has one row: the parts leave in order, one attempt after the other, and
/// <see cref="LedgerEntry.PartsSent"/> remembers how far it got. One reply is one line of the history with one delivery, so it has one row
/// too; rows per part would be a second ledger whose sum somebody has to keep. The price: statuses of parts before the last settle nothing.</para>
/// </remarks>
internal static class ReplyLedger
{
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromMinutes(5);

    public static LedgerStep Decide(LedgerEntry row, DateTimeOffset createdAt, DateTimeOffset now, string owner, SendRules rules) => row.State switch
    {
        LedgerState.Pending => DecidePending(row, createdAt, now, owner, rules),
        LedgerState.Sending => DecideSending(row, createdAt, now, rules),
        _ => new LedgerStep.Settled(),
    };

    /// <summary>The row after an attempt.</summary>
    /// <param name="attempt">The row of the attempt, as <see cref="LedgerStep.Send"/> gave it.</param>
    public static LedgerEntry Settle(LedgerEntry attempt, SendResult result, DateTimeOffset createdAt, DateTimeOffset now, SendRules rules) => result switch
    {
        SendResult.Sent sent when IsLastPart(attempt, rules) => Sent(attempt, sent.ProviderMessageId),
        SendResult.Sent => attempt with { State = LedgerState.Pending, PartsSent = attempt.PartsSent + 1, Owner = null, Deadline = now + rules.Lease },
        SendResult.Rejected rejected => Failed(attempt, rejected.Reason),
        SendResult.AccountBlocked blocked when TooOld(createdAt, now, rules) => Failed(attempt, blocked.Reason),
        SendResult.AccountBlocked blocked => attempt with { State = LedgerState.Pending, Owner = null, Deadline = now + LongestBackoff, Reason = blocked.Reason },
        SendResult.Refused refused => Again(attempt, refused, createdAt, now, rules),
        SendResult.InDoubt doubt when rules.Repeatable => Again(attempt, new SendResult.Refused(doubt.Reason), createdAt, now, rules),
        SendResult.InDoubt doubt => attempt with { Reason = Doubt(attempt, doubt.Reason, rules) },
        _ => throw new ArgumentOutOfRangeException(nameof(result), result, null),
    };

    /// <summary>
    /// The row that a result which came late makes of the row that was written meanwhile; null when it changes nothing any more.
    /// </summary>
    public static LedgerEntry? SettleLate(LedgerEntry current, LedgerEntry attempt, SendResult result, SendRules rules) =>
        (current.State == LedgerState.Unknown || (current.State == LedgerState.Sending && IsOver(current)))
        && current.Attempt == attempt.Attempt && result is SendResult.Sent sent && IsLastPart(attempt, rules)
            ? Sent(current with { PartsSent = attempt.PartsSent }, sent.ProviderMessageId)
            : null;

    public static LedgerEntry Failed(LedgerEntry row, string reason) =>
        row with { State = LedgerState.Failed, Owner = null, Deadline = null, Reason = reason };

    private static LedgerStep DecidePending(LedgerEntry row, DateTimeOffset createdAt, DateTimeOffset now, string owner, SendRules rules)
    {
        if (row.PartsSent >= rules.Parts) return new LedgerStep.Write(Sent(row with { PartsSent = rules.Parts - 1 }, row.ProviderMessageId));
        if (TooOld(createdAt, now, rules)) return new LedgerStep.Write(Failed(row, GaveUp($"it was not sent within {rules.GiveUpAfter}", row.Reason)));
        if (row.Owner is not null && row.Deadline > now) return new LedgerStep.Wait(row.Deadline.Value);
        if (Tries(row) >= rules.MaxTries) return new LedgerStep.Write(Failed(row, GaveUp($"{rules.MaxTries} attempts failed", row.Reason)));

        var attempt = row with { State = LedgerState.Sending, Attempt = row.Attempt + 1, Owner = owner, Deadline = now + rules.Lease, Reason = null };
        return new LedgerStep.Send(attempt, Claim: !rules.Repeatable);
    }

    private static LedgerStep DecideSending(LedgerEntry row, DateTimeOffset createdAt, DateTimeOffset now, SendRules rules)
    {
        if (row.Deadline > now)
        {
            // Nobody's any more, and sent at most once: nothing of it can arrive after what comes behind it.
            return IsOver(row) && rules.UnknownSends == UnknownSendPolicy.AtMostOnce ? new LedgerStep.Leave() : new LedgerStep.Wait(row.Deadline.Value);
        }

        if (!IsOver(row))
        {
            var settleTime = rules.StatusSettles && IsLastPart(row, rules) ? rules.SettleTime : TimeSpan.Zero;
            var reason = row.Reason ?? Doubt(row, $"the dispatcher of attempt {row.Attempt} is gone", rules);
            return new LedgerStep.Write(row with { Owner = null, Deadline = (row.Deadline ?? now) + settleTime, Reason = reason });
        }

        if (rules.UnknownSends == UnknownSendPolicy.AtLeastOnce && Tries(row) < rules.MaxTries && !TooOld(createdAt, now, rules))
        {
            return new LedgerStep.Write(row with { State = LedgerState.Pending, Deadline = now + rules.Lease }, Resend: true);
        }

        return new LedgerStep.Write(row with { State = LedgerState.Unknown, Deadline = null });
    }

    private static LedgerEntry Sent(LedgerEntry row, string? providerMessageId) => row with
    {
        State = LedgerState.Sent, PartsSent = row.PartsSent + 1, ProviderMessageId = providerMessageId, Owner = null, Deadline = null, Reason = null,
    };

    // The lease is over: no byte of the attempt is written any more, by whomever.
    private static bool IsOver(LedgerEntry row) => row is { Owner: null, Reason: not null };

    private static string Doubt(LedgerEntry row, string reason, SendRules rules) =>
        rules.Parts > 1 ? $"part {row.PartsSent + 1} of {rules.Parts}: {reason}" : reason;

    private static LedgerEntry Again(LedgerEntry attempt, SendResult.Refused refused, DateTimeOffset createdAt, DateTimeOffset now, SendRules rules)
    {
        var tries = Tries(attempt);
        if (tries >= Math.Min(rules.MaxTries, refused.MaxTries ?? int.MaxValue) || TooOld(createdAt, now, rules)) return Failed(attempt, refused.Reason);

        return attempt with { State = LedgerState.Pending, Deadline = now + (refused.After ?? Backoff(tries, refused.Growth)), Reason = refused.Reason };
    }

    private static string GaveUp(string why, string? lastReason) => lastReason is null ? why : $"{why}; last: {lastReason}";

    private static bool IsLastPart(LedgerEntry row, SendRules rules) => row.PartsSent + 1 >= rules.Parts;

    private static bool TooOld(DateTimeOffset createdAt, DateTimeOffset now, SendRules rules) => now - createdAt > rules.GiveUpAfter;

    // Every attempt that was refused, blocked or in doubt; those that sent a part are not held against the next one.
    private static int Tries(LedgerEntry row) => row.Attempt - row.PartsSent;

    private static TimeSpan Backoff(int tries, double growth) =>
        TimeSpan.FromSeconds(Math.Min(LongestBackoff.TotalSeconds, Math.Pow(growth, Math.Max(0, tries - 1))));
}
