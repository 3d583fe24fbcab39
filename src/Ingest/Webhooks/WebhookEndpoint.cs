using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Common.Records;
using Parley.Common.Tenants;
using Parley.Ingest.Channels;
using Parley.Ingest.Publishing;
using Parley.Ingest.Reading;

namespace Parley.Ingest.Webhooks;

/// <summary><c>GET|POST /webhooks/{channel}/{account}</c>: read, verify, normalise, publish, and only then 200.</summary>
internal sealed partial class WebhookEndpoint(
    TenantDirectory tenants, InboundChannels channels, InboundPublisher publisher, IOptions<IngestOptions> options,
    IngestMetrics metrics, TimeProvider time, ILogger<WebhookEndpoint> log)
{
    public IResult Handshake(HttpContext http, string channel, string account)
    {
        if (Find(channel, account) is not { } found) return Answer(StatusCodes.Status404NotFound, "unknown_account");
        if (found.Channel.Handshake(http.Request.Query, found.Account) is not { } challenge) return Answer(StatusCodes.Status403Forbidden, "handshake");
        return PlainText(challenge);
    }

    public async Task<IResult> ReceiveAsync(HttpContext http, string channel, string account)
    {
        if (Find(channel, account) is not { } found) return Answer(StatusCodes.Status404NotFound, "unknown_account");

        using var body = await RequestBody.ReadAsync(http.Request, options.Value.MaxWebhookBytes, http.RequestAborted);
        if (body is null) return Answer(StatusCodes.Status413PayloadTooLarge, "too_large");

        var call = new WebhookCall(body.Bytes, http.Request.Headers, found.Tenant, found.Account, time.GetUtcNow());
        var signature = found.Channel.Verify(call);
        if (signature != SignatureCheck.Valid)
        {
            LogSignature(channel, account, signature, http.Connection.RemoteIpAddress?.ToString());
            return Answer(StatusCodes.Status401Unauthorized, "signature");
        }

        return await TakeAsync(http, call, Normalise(found.Channel, call), $"webhook/{channel}/{account}");
    }

    private async Task<IResult> TakeAsync(HttpContext http, WebhookCall call, Normalised normalised, string origin)
    {
        switch (normalised)
        {
            case Normalised.Challenge challenge:
                return PlainText(challenge.Text);
            case Normalised.WrongAccount wrong:
                LogWrongAccount(origin, wrong.Named);
                return Answer(StatusCodes.Status403Forbidden, "wrong_account");
            case Normalised.Unreadable unreadable:
                return Answer(http, await publisher.PublishDeadAsync(call.Body, http.Request.ContentType, origin, unreadable.Reason));
            case Normalised.Batch batch:
                return await PublishAsync(http, call, batch, origin);
            default:
                throw new InvalidOperationException($"unexpected {normalised}");
        }
    }

    private async Task<IResult> PublishAsync(HttpContext http, WebhookCall call, Normalised.Batch batch, string origin)
    {
        List<KafkaRecord> records = [];
        List<string> problems = [.. batch.Problems];
        foreach (var message in batch.Messages)
        {
            if (InboundPublisher.Encode(message, out var problem) is { } record) records.Add(record);
            else problems.Add(problem);
        }

        records.AddRange(batch.Receipts.Select(r => InboundPublisher.Encode(r)));

        if (batch.Skipped.Count > 0)
        {
            metrics.Skipped(call.Account.Channel, batch.Skipped.Count);
            LogSkipped(origin, string.Join(", ", batch.Skipped.Distinct()));
        }

        var outcome = await publisher.PublishAsync(records);
        if (outcome is PublishOutcome.Accepted)
        {
            metrics.Accepted(call.Account.Channel, records.Count);
            if (problems.Count > 0)
            {
                outcome = await publisher.PublishDeadAsync(call.Body, http.Request.ContentType, origin, string.Join("; ", problems.Distinct()));
            }
        }

        return Answer(http, outcome);
    }

    private Normalised Normalise(IInboundChannel channel, WebhookCall call)
    {
        try
        {
            return channel.Normalise(call);
        }
        catch (Exception e)
        {
            // A bug of ours. The provider would repeat the same bytes for days and get the same answer; in the dead letters they can be replayed.
            LogNormaliserFailed(e, channel.Name);
            return new Normalised.Unreadable($"the normaliser of {channel.Name} failed: {e.GetType().Name}");
        }
    }

    private (IInboundChannel Channel, Tenant Tenant, ChannelAccount Account)? Find(string channel, string account) =>
        channels.Find(channel) is { } inbound && tenants.FindAccount(channel, account) is { } found ? (inbound, found.Tenant, found.Account) : null;

    private StatusCodeHttpResult Answer(int status, string reason)
    {
        metrics.Refused(reason);
        return TypedResults.StatusCode(status);
    }

    // Nothing but the status: Slack shows a body to the user, Telegram runs it as a call of its API.
    private static IResult Answer(HttpContext http, PublishOutcome outcome)
    {
        if (outcome is not PublishOutcome.Refused refused) return Taken.Instance;
        http.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(refused.RetryAfter.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return TypedResults.StatusCode(StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>200 and nothing else, without a line in a log for each.</summary>
    private sealed class Taken : IResult
    {
        public static readonly Taken Instance = new();

        public Task ExecuteAsync(HttpContext httpContext) => Task.CompletedTask;
    }

    // Never as HTML: the challenge is the caller's text.
    private static ContentHttpResult PlainText(string text) => TypedResults.Text(text, "text/plain; charset=utf-8");

    [LoggerMessage(1, LogLevel.Warning, "Webhook {Channel}/{Account}: signature {Verdict}, from {Address}")]
    private partial void LogSignature(string channel, string account, SignatureCheck verdict, string? address);

    [LoggerMessage(2, LogLevel.Warning, "{Origin}: refused, the signed body is about the account {Named}")]
    private partial void LogWrongAccount(string origin, string named);

    [LoggerMessage(3, LogLevel.Error, "The normaliser of {Channel} failed")]
    private partial void LogNormaliserFailed(Exception error, string channel);

    [LoggerMessage(4, LogLevel.Debug, "{Origin}: skipped {What}")]
    private partial void LogSkipped(string origin, string what);
}
