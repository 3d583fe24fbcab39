using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.Common.Tenants;
using Parley.Dispatcher.Channels;

namespace Parley.Dispatcher.Sending;

/// <summary>What the ledger goes by for one reply: what its channel promises, what its tenant wants, what the installation allows.</summary>
internal sealed record SendRules
{
    /// <summary>Parts the channel needs for the reply; at least 1.</summary>
    public required int Parts { get; init; }

    /// <summary>The channel, or the receiver, makes one of a message that is sent twice.</summary>
    public bool Repeatable { get; init; }

    /// <summary>A status of the channel names our reply, so that an attempt in doubt may still be settled. Only the last part's does.</summary>
    public bool StatusSettles { get; init; }

    public UnknownSendPolicy UnknownSends { get; init; }

    /// <summary>How long an attempt may take, writing and settling the row included. No byte is sent after it.</summary>
    public required TimeSpan Lease { get; init; }

    /// <summary>How long to wait for a status that settles an attempt in doubt.</summary>
    public required TimeSpan SettleTime { get; init; }

    /// <summary>Tries at one part.</summary>
    public required int MaxTries { get; init; }

    /// <summary>Age at which a reply is no longer worth sending.</summary>
    public required TimeSpan GiveUpAfter { get; init; }

    /// <param name="route">Null when the reply has no way out: then nothing is known of its channel.</param>
    public static SendRules For(Reply reply, LedgerEntry row, OutboundRoute? route, DispatcherOptions options) => new()
    {
        Parts = route?.Channel.CountParts(reply) ?? row.PartsSent + 1,
        Repeatable = route?.Channel.Repeatable ?? false,
        StatusSettles = route?.Channel.StatusSettles ?? false,
        UnknownSends = route?.Account.UnknownSends ?? UnknownSendPolicy.AtMostOnce,
        Lease = options.Lease,
        SettleTime = options.SettleTime,
        MaxTries = options.MaxTries,
        GiveUpAfter = options.GiveUpAfter,
    };
}
