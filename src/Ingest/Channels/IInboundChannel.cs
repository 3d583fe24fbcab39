using Microsoft.AspNetCore.Http;
using Parley.Common.Tenants;

namespace Parley.Ingest.Channels;

/// <summary>
/// A channel's way in. Pure: bytes and headers in, messages and receipts out; no I/O, no clock, and it never throws on what a provider may send.
/// </summary>
internal interface IInboundChannel
{
    /// <summary>One of the channel names; the middle part of the webhook's route.</summary>
    string Name { get; }

    /// <summary>What a registration's GET is answered with, as plain text; null refuses it (or the channel has no such handshake).</summary>
    string? Handshake(IQueryCollection query, ChannelAccount account);

    /// <summary>Whether the account's secret vouches for these very bytes.</summary>
    SignatureCheck Verify(WebhookCall call);

    /// <summary>What a verified call says.</summary>
    Normalised Normalise(WebhookCall call);
}

/// <summary>A webhook's POST, for one account of one tenant.</summary>
/// <param name="Body">The bytes as received.</param>
/// <param name="ReceivedAt">When the host took it; signature windows are measured against it.</param>
internal sealed record WebhookCall(ReadOnlyMemory<byte> Body, IHeaderDictionary Headers, Tenant Tenant, ChannelAccount Account, DateTimeOffset ReceivedAt);

/// <summary>The verdict on a signature; everything but <see cref="Valid"/> is answered 401.</summary>
internal enum SignatureCheck
{
    Valid,

    /// <summary>The header is not there, or there more than once.</summary>
    Missing,

    /// <summary>The header has another form than the channel's.</summary>
    Malformed,

    /// <summary>No active secret gives this signature.</summary>
    Wrong,

    /// <summary>It is right, but for a time outside the channel's replay window.</summary>
    Stale,
}
