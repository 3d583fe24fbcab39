using Parley.Common.Records;
using Parley.Common.Tenants;
using Parley.Dispatcher.Sending;

namespace Parley.Dispatcher.Channels;

/// <summary>How replies leave on one channel.</summary>
internal interface IOutboundChannel
{
    /// <summary>One of <see cref="Common.Conversations.ChannelNames"/>.</summary>
    string Name { get; }

    /// <summary>The channel, or the receiver, makes one of a message that is sent twice: it needs no claim and is never in doubt.</summary>
    bool Repeatable { get; }

    /// <summary>The channel's statuses name our reply, so that a send in doubt may be settled by one.</summary>
    bool StatusSettles { get; }

    /// <summary>How fast the account may send.</summary>
    SendPace PaceOf(ChannelAccount account);

    /// <summary>Messages the channel needs for the reply; at least 1, always the same for the same reply.</summary>
    int CountParts(Reply reply);

    /// <summary>
    /// Sends a part, once: nothing below repeats it. Expected outcomes, lost connections included, are values. When <paramref name="cancellation"/>
    /// fires, nothing more is written and the result says whether something was.
    /// </summary>
    /// <param name="part">From 0.</param>
    /// <param name="first">To be asked before the first byte.</param>
    Task<SendResult> SendAsync(Reply reply, int part, ChannelAccount account, FirstByte first, CancellationToken cancellation);
}
