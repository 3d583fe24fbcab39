using Microsoft.Extensions.Options;
using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.Dispatcher.Channels;

namespace Parley.Dispatcher.Sending;

/// <summary>One attempt at one part: within its lease, and never again.</summary>
internal sealed class PartSender(SendGuard guard, DispatcherMetrics metrics, IOptions<DispatcherOptions> options, TimeProvider time)
{
    /// <param name="reply">What is sent.</param>
    /// <param name="attempt">Its row.</param>
    /// <param name="route">How.</param>
    /// <param name="begun">Called before the first byte.</param>
    /// <remarks>Takes no token of the lane: an attempt whose bytes are under way is worth its answer, and it ends by itself.</remarks>
    public async Task<SendResult> SendAsync(Reply reply, LedgerEntry attempt, OutboundRoute route, Action? begun)
    {
        // From the claim, not from now: a pause (of the process, of the store) eats the attempt's own time. The rest of its lease is the channel's, which may be slow to take what it has got.
        var timeout = options.Value.SendTimeout;
        var notAfter = attempt.Deadline!.Value - options.Value.Lease + timeout;
        if (time.GetUtcNow() > notAfter) return new SendResult.Refused("nothing was sent: its time was over", TimeSpan.Zero);

        var started = time.GetTimestamp();
        using var clock = new CancellationTokenSource(timeout, time);
        var result = await route.Channel.SendAsync(reply, attempt.PartsSent, route.Account, new FirstByte(notAfter, time, begun), clock.Token);
        guard.Note(reply, result);
        metrics.Attempt(reply, result, time.GetElapsedTime(started), time.GetUtcNow());
        return result;
    }
}
