using Parley.Dispatcher.Channels.WhatsApp;
using Parley.Dispatcher.Channels.Web;

namespace Parley.Dispatcher.Channels;

internal static class ChannelsExtensions
{
    /// <summary>Every channel that can send. A new one is a folder and a line here.</summary>
    public static IHostApplicationBuilder AddChannels(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ChannelHttp>();
        builder.Services.AddSingleton<IOutboundChannel, WhatsAppOutbound>();
        builder.Services.AddSingleton<IOutboundChannel, WebOutbound>();
        builder.Services.AddSingleton<OutboundRoutes>();
        return builder;
    }
}
