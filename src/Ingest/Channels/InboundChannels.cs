using System.Collections.Frozen;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Parley.Ingest.Channels.WhatsApp;

namespace Parley.Ingest.Channels;

/// <summary>The channels that come in by webhook, by name.</summary>
internal sealed class InboundChannels(IEnumerable<IInboundChannel> channels)
{
    private readonly FrozenDictionary<string, IInboundChannel> _byName = channels.ToFrozenDictionary(c => c.Name, StringComparer.Ordinal);

    public IInboundChannel? Find(string name) => _byName.GetValueOrDefault(name);
}

internal static class ChannelExtensions
{
    /// <summary>One line per channel.</summary>
    public static IHostApplicationBuilder AddChannels(this IHostApplicationBuilder builder)
    {
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IInboundChannel, WhatsAppInbound>());
        builder.Services.TryAddSingleton<InboundChannels>();
        return builder;
    }
}
