using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Parley.Common.Conversations;
using Parley.Common.Tenants;
using Parley.Ingest.Channels.Meta;
using Parley.Ingest.Reading;

namespace Parley.Ingest.Channels.WhatsApp;

/// <summary>Webhooks of the WhatsApp Cloud API. The account is the phone number id, the secrets are the app's.</summary>
internal sealed class WhatsAppInbound : IInboundChannel
{
    public string Name => ChannelNames.WhatsApp;

    public string? Handshake(IQueryCollection query, ChannelAccount account) => HubChallenge.Answer(query, account.VerifyToken);

    public SignatureCheck Verify(WebhookCall call) =>
        HubSignature.Verify(call.Body.Span, call.Headers[HubSignature.Header], call.Account.WebhookSecrets);

    public Normalised Normalise(WebhookCall call)
    {
        if (!JsonBody.TryParse(call.Body, out var document, out var reason)) return new Normalised.Unreadable(reason);

        using (document)
        {
            var batch = new WhatsAppBatch(call.Tenant.Id, call.Account.Id, call.ReceivedAt);
            var envelopes = document.RootElement is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray().ToArray() : [document.RootElement];
            foreach (var envelope in envelopes) batch.TakeEnvelope(envelope);
            return batch.ToNormalised();
        }
    }
}
