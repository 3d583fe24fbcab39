using Parley.Common.Records;
using Parley.Dispatcher.Channels;

namespace Parley.Dispatcher.Sending;

/// <summary>What stands before a send: the channel's pace, and whether the account may send at all.</summary>
internal sealed partial class SendGuard(SendLimiter limiter, AccountGate gate, TimeProvider time, ILogger<SendGuard> log)
{
    /// <summary>A wait up to this is sat out in place: coming back costs more than it gives the others.</summary>
    private static readonly TimeSpan Horizon = TimeSpan.FromMilliseconds(500);

    /// <summary>Returns when it is the reply's turn, with null; otherwise how long its lane should stay away.</summary>
    public async ValueTask<TimeSpan?> DelayAsync(Reply reply, OutboundRoute route, CancellationToken cancellation)
    {
        if (!limiter.TryBook(reply.Channel, reply.Account, reply.To, route.Channel.PaceOf(route.Account), Horizon, out var delay)) return delay;
        if (delay > TimeSpan.Zero) await Task.Delay(delay, time, cancellation);
        if (gate.MayPass(reply.Channel, reply.Account, out var wait)) return null;

        GiveBack(reply, route);
        return wait;
    }

    /// <summary>It was the reply's turn, and nothing of it was sent.</summary>
    public void GiveBack(Reply reply, OutboundRoute route) => limiter.GiveBack(reply.Channel, reply.Account, reply.To, route.Channel.PaceOf(route.Account));

    /// <summary>Learns from what a send came to. What it says of the account holds for all replies of the account, and for no other account.</summary>
    public void Note(Reply reply, SendResult result)
    {
        switch (result)
        {
            case SendResult.AccountBlocked(var reason):
                if (gate.Block(reply.Channel, reply.Account)) LogBlocked(reply.Channel, reply.Account, reply.Tenant, reason);
                break;
            case SendResult.Refused { WholeAccount: true } refused:
                if (gate.Pause(reply.Channel, reply.Account, refused.After)) LogPaused(reply.Channel, reply.Account, reply.Tenant, refused.Reason);
                break;
            case SendResult.Sent or SendResult.Rejected:
                if (gate.Open(reply.Channel, reply.Account)) LogOpen(reply.Channel, reply.Account, reply.Tenant);
                break;
        }
    }

    [LoggerMessage(1, LogLevel.Error, "{Channel} account {Account} of tenant {Tenant} cannot send, its replies wait: {Reason}")]
    private partial void LogBlocked(string channel, string account, string tenant, string reason);

    [LoggerMessage(2, LogLevel.Warning, "{Channel} account {Account} of tenant {Tenant} is over its limit, its replies wait: {Reason}")]
    private partial void LogPaused(string channel, string account, string tenant, string reason);

    [LoggerMessage(3, LogLevel.Information, "{Channel} account {Account} of tenant {Tenant} can send again")]
    private partial void LogOpen(string channel, string account, string tenant);
}
