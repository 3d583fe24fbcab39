using System.Text.Json;
using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Tenants;
using Parley.Dispatcher.Sending;

namespace Parley.Dispatcher.Channels.WhatsApp;

/// <summary>Replies over the WhatsApp Cloud API. It knows no idempotency key; our reply id in <c>biz_opaque_callback_data</c> comes back on statuses.</summary>
internal sealed class WhatsAppOutbound(ChannelHttp http, TimeProvider time) : IOutboundChannel
{
    private const string Version = "v25.0";
    private const string PublicApi = "https://graph.facebook.com";

    public string Name => ChannelNames.WhatsApp;

    public bool Repeatable => false;

    public bool StatusSettles => true;

    // Defaults: 80 a second from a number; one in 6 s to a user, with a burst of 45 ("Messaging limits", "Throughput").
    public SendPace PaceOf(ChannelAccount account) =>
        new(account.MessagesPerSecond > 0 ? account.MessagesPerSecond : 80, PairBurst: 45, PairInterval: TimeSpan.FromSeconds(6));

    public int CountParts(Reply reply) => WhatsAppMessages.Of(reply).Count;

    public async Task<SendResult> SendAsync(Reply reply, int part, ChannelAccount account, FirstByte first, CancellationToken cancellation)
    {
        if (account.AccessToken is not { Length: > 0 } token || token.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return new SendResult.AccountBlocked("the account's AccessToken (setting Tenants) is missing or holds characters no token has");
        }

        var message = WhatsAppMessages.Of(reply)[part];
        if (message.Text is { Body: var text } && string.IsNullOrWhiteSpace(text)) return new SendResult.Rejected("the reply has no text");

        var address = new Uri($"{account.ApiBase?.AbsoluteUri.TrimEnd('/') ?? PublicApi}/{Version}/{Uri.EscapeDataString(account.Id)}/messages");
        var body = JsonSerializer.SerializeToUtf8Bytes(message, WhatsAppJson.Default.WhatsAppRequest);
        return WhatsAppAnswer.Classify(await http.PostJsonAsync(address, token, body, first, cancellation), time.GetUtcNow());
    }
}
