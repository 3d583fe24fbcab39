using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.Dispatcher.Receipts;

namespace Parley.Dispatcher.Sending;

/// <summary>Writes what <see cref="ReplyLedger"/> decides, and says so in log and metrics.</summary>
internal sealed partial class LedgerWriter(
    IConversationStore store, ReceiptPublisher receipts, DispatcherMetrics metrics, StoreWatch storeWatch, TimeProvider time, ILogger<LedgerWriter> log)
{
    private static readonly TimeSpan StorePause = TimeSpan.FromSeconds(1);

    /// <summary>This process, as the owner of attempts. New at every start: what the last process left is somebody else's.</summary>
    public string Owner { get; } = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():N}";

    public async Task<LedgerEntry> ReadAsync(Reply reply, CancellationToken cancellation) =>
        await store.FindReplyAsync(reply.Tenant, reply.ReplyId, cancellation)
        ?? throw new InvalidOperationException($"the row of reply '{reply.ReplyId}' has vanished from the ledger");

    /// <summary>Writes a row that needed no attempt. False when the broker is not there to be told of a resend: try again.</summary>
    public async Task<bool> WriteAsync(Reply reply, LedgerEntry row, LedgerStep.Write write, CancellationToken cancellation)
    {
        // Told first: a resend must never go unnamed. Told in vain, the next receipt moves the delivery on.
        if (write.Resend && !await receipts.PublishResendAsync(reply, row.Reason ?? "")) return false;
        if (!await store.TryUpdateLedgerAsync(row, write.Next, cancellation)) return true;

        if (write.Resend) Resent(reply, row);
        // A doubt that was told is not news again when its lease is over.
        else if (row.Reason is null || write.Next.State != LedgerState.Sending) Tell(reply, write.Next);
        return true;
    }

    /// <summary>
    /// Writes an attempt before its first byte. True when it stands in the ledger and is ours. If the store breaks off and does not say, it is
    /// asked again: giving up here would leave an attempt that nobody makes and that everybody would have to call in doubt.
    /// </summary>
    /// <param name="unlessHandedOver">Not when the conversation has been handed over since the reply was made.</param>
    public async Task<bool> ClaimAsync(Reply reply, LedgerEntry row, LedgerEntry attempt, bool unlessHandedOver, CancellationToken cancellation)
    {
        for (var current = row; ;)
        {
            try
            {
                if ((current.State, current.Attempt) == (row.State, row.Attempt))
                {
                    return unlessHandedOver
                        ? await store.TryClaimAsync(row, attempt, reply.OwnershipEpoch, cancellation)
                        : await store.TryUpdateLedgerAsync(row, attempt, cancellation);
                }

                return current.State == LedgerState.Sending && current.Attempt == attempt.Attempt && current.Owner == attempt.Owner;
            }
            catch (StoreUnavailableException e)
            {
                storeWatch.Away(e);
                current = await ReadUntilAnsweredAsync(reply, cancellation);
            }
        }
    }

    /// <summary>
    /// Writes what an attempt came to. The store being away does not end it: nobody else knows the result.
    /// </summary>
    /// <param name="stored">The row as it was before the result.</param>
    /// <param name="attempt">The row of the attempt; the same one, if it was claimed.</param>
    public async Task<Settlement> SettleAsync(
        Reply reply, LedgerEntry stored, LedgerEntry attempt, SendResult result, SendRules rules, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                var next = ReplyLedger.Settle(attempt, result, reply.CreatedAt, time.GetUtcNow(), rules);
                // Not cancelled with the lane: what is known now is lost otherwise, and whoever wrote the row meanwhile wins anyway.
                if (await store.TryUpdateLedgerAsync(stored, next, CancellationToken.None)) return new Settlement(Tell(reply, next), Written: true);

                var current = await ReadAsync(reply, CancellationToken.None);
                if (ReplyLedger.SettleLate(current, attempt, result, rules) is not { } late) return new Settlement(current, Written: false);
                if (await store.TryUpdateLedgerAsync(current, late, CancellationToken.None)) return new Settlement(Tell(reply, late), Written: true);
            }
            catch (StoreUnavailableException e)
            {
                storeWatch.Away(e);
                await Task.Delay(StorePause, time, cancellation);
            }
        }
    }

    private async Task<LedgerEntry> ReadUntilAnsweredAsync(Reply reply, CancellationToken cancellation)
    {
        while (true)
        {
            await Task.Delay(StorePause, time, cancellation);
            try
            {
                return await ReadAsync(reply, cancellation);
            }
            catch (StoreUnavailableException e)
            {
                storeWatch.Away(e);
            }
        }
    }

    private void Resent(Reply reply, LedgerEntry row)
    {
        metrics.Resend(reply);
        LogResend(reply.ReplyId, reply.Key.ToString(), row.Attempt, row.Reason ?? "");
    }

    private LedgerEntry Tell(Reply reply, LedgerEntry row)
    {
        switch (row)
        {
            case { State: LedgerState.Failed }:
                LogFailed(reply.ReplyId, reply.Key.ToString(), row.Attempt, row.Reason ?? "");
                break;
            case { State: LedgerState.Unknown }:
                metrics.Unknown(reply);
                LogUnknown(reply.ReplyId, reply.Key.ToString(), row.Attempt, row.Reason ?? "");
                break;
            case { State: LedgerState.Sending, Reason: { } doubt }:
                LogInDoubt(reply.ReplyId, reply.Key.ToString(), row.Attempt, doubt);
                break;
            case { State: LedgerState.Pending, Reason: { } reason }:
                LogAgain(reply.ReplyId, reply.Key.ToString(), row.Attempt, reason);
                break;
        }

        return row;
    }

    [LoggerMessage(1, LogLevel.Warning, "Reply {Reply} of {Conversation} may have been sent by attempt {Attempt} and is sent again, as the account's policy is AtLeastOnce: {Reason}")]
    private partial void LogResend(string reply, string conversation, int attempt, string reason);

    [LoggerMessage(2, LogLevel.Warning, "Reply {Reply} of {Conversation} failed at attempt {Attempt}: {Reason}")]
    private partial void LogFailed(string reply, string conversation, int attempt, string reason);

    [LoggerMessage(3, LogLevel.Warning, "Reply {Reply} of {Conversation}: nobody knows whether attempt {Attempt} was taken, and it is not sent again: {Reason}")]
    private partial void LogUnknown(string reply, string conversation, int attempt, string reason);

    [LoggerMessage(4, LogLevel.Information, "Reply {Reply} of {Conversation}: attempt {Attempt} is in doubt: {Reason}")]
    private partial void LogInDoubt(string reply, string conversation, int attempt, string reason);

    [LoggerMessage(5, LogLevel.Information, "Reply {Reply} of {Conversation} was not taken at attempt {Attempt} and is tried again: {Reason}")]
    private partial void LogAgain(string reply, string conversation, int attempt, string reason);
}

/// <summary>A row after an attempt.</summary>
/// <param name="Row">As it is now.</param>
/// <param name="Written">Whether the attempt's result made it so; otherwise somebody else was first, or nobody can say.</param>
internal readonly record struct Settlement(LedgerEntry Row, bool Written);
