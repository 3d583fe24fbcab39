using Parley.Common.Backplane;
using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Tenants;
using Parley.Dispatcher.Sending;

namespace Parley.Dispatcher.Channels.Web;

/// <summary>
/// The web chat. The reply is in the history since its turn was committed, and the browser reads the history by sequence: sending is telling
/// the open streams to look. Nothing is lost when nobody listens, and a second notice finds nothing new.
/// </summary>
internal sealed class WebOutbound(IBackplane backplane) : IOutboundChannel
{
    public string Name => ChannelNames.Web;

    public bool Repeatable => true;

    public bool StatusSettles => false;

    public SendPace PaceOf(ChannelAccount account) => new(account.MessagesPerSecond);

    public int CountParts(Reply reply) => 1;

    public async Task<SendResult> SendAsync(Reply reply, int part, ChannelAccount account, FirstByte first, CancellationToken cancellation)
    {
        await backplane.PublishAsync(Notices.Conversation(reply.Key), Notices.History);
        return new SendResult.Sent(null);
    }
}
