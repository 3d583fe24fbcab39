using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Parley.Common.Records;
using Parley.Common.Tenants;

namespace Parley.Dispatcher.Channels;

/// <summary>The way a reply takes.</summary>
internal sealed record OutboundRoute(IOutboundChannel Channel, ChannelAccount Account);

/// <summary>Finds the channel and the tenant's account of a reply.</summary>
internal sealed class OutboundRoutes(IEnumerable<IOutboundChannel> channels, TenantDirectory tenants)
{
    private readonly FrozenDictionary<string, IOutboundChannel> _channels = channels.ToFrozenDictionary(c => c.Name, StringComparer.Ordinal);

    /// <summary>False, with the reason, when the reply cannot leave at all.</summary>
    public bool TryFind(Reply reply, [NotNullWhen(true)] out OutboundRoute? route, out string problem)
    {
        (route, problem) = (null, "");
        if (!_channels.TryGetValue(reply.Channel, out var channel)) problem = $"nothing sends on channel '{reply.Channel}'";
        else if (tenants.FindAccount(reply.Channel, reply.Account) is not { } found || found.Tenant.Id != reply.Tenant)
        {
            problem = $"tenant '{reply.Tenant}' has no account '{reply.Account}' on channel '{reply.Channel}' (setting Tenants)";
        }
        else route = new OutboundRoute(channel, found.Account);

        return route is not null;
    }
}
