using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Common.Backplane;
using Parley.Common.Conversations;
using Parley.Common.Stores;
using Parley.Ingest.Api.Tokens;

namespace Parley.Ingest.Api.Conversations;

/// <summary><c>GET /api/v2/chat/conversations/{id}/stream</c>: a conversation as server-sent events, from a known sequence on.</summary>
internal sealed partial class GetStream(
    IConversationStore store, IBackplane backplane, OpenStreams streams, IOptions<IngestOptions> options,
    IHostApplicationLifetime lifetime, TimeProvider time, ILogger<GetStream> log)
{
    private const int Batch = 100;

    public async Task<IResult> HandleAsync(HttpContext http, string id)
    {
        var caller = http.Caller();
        if (!TryReadLastEventId(http.Request, out var after))
        {
            return ApiErrors.Invalid([new FieldError(["header", "Last-Event-ID"], "must be the id of an event of this stream", "int_range")]);
        }

        if (!caller.May(Permissions.Read)) return ApiErrors.Forbidden($"permission {Permissions.Read} is missing");
        if (!caller.MaySee(id)) return ApiErrors.NotFound("conversation");

        var key = new ConversationKey(caller.Tenant.Id, id);
        var state = await store.LoadAsync(key, http.RequestAborted);
        if (state is null && caller.Visitor is null) return ApiErrors.NotFound("conversation");

        if (!streams.TryOpen(caller.Tenant.Id, caller.Subject, options.Value.StreamsPerSubject))
        {
            return ApiErrors.TooMany(http, $"Rate limit exceeded: {options.Value.StreamsPerSubject} streams at once", options.Value.RetryAfter);
        }

        try
        {
            await RunAsync(http, key, after ?? state?.LastSeq ?? 0, caller.ExpiresAt);
        }
        finally
        {
            streams.Close(caller.Tenant.Id, caller.Subject);
        }

        return TypedResults.Empty;
    }

    // Ends when the reader goes, the token expires, or the host stops.
    private async Task RunAsync(HttpContext http, ConversationKey key, long seq, DateTimeOffset expiresAt)
    {
        var left = expiresAt - time.GetUtcNow();
        using var expiry = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, expiry.Token, lifetime.ApplicationStopping);

        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        try
        {
            // Subscribed before the first read: what is committed in between is in the one or the other.
            await using var notified = await Notified.StartAsync(backplane, key, time);
            await PumpAsync(new StreamWriter(http, options.Value.StreamWriteTimeout, time), notified, key, seq, end.Token);
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task PumpAsync(StreamWriter writer, Notified notified, ConversationKey key, long seq, CancellationToken end)
    {
        await writer.CommentAsync("open", end);
        string? notice = Notices.History;
        while (true)
        {
            if (notice is null or Notices.History) seq = await SendNewsAsync(writer, key, seq, end);
            else if (notice == Notices.Typing) await writer.EventAsync("typing", null, "{}", end);
            else if (Delivery(notice) is { } news) await writer.EventAsync("delivery", null, Json(news), end);

            if (time.GetElapsedTime(writer.LastWrite) >= options.Value.StreamHeartbeat) await writer.CommentAsync("alive", end);
            notice = await notified.NextAsync(Least(options.Value.StreamPoll, options.Value.StreamHeartbeat), end);
        }
    }

    private async Task<long> SendNewsAsync(StreamWriter writer, ConversationKey key, long seq, CancellationToken end)
    {
        try
        {
            while (true)
            {
                var entries = await store.ReadHistoryAfterAsync(key, seq, Batch, end);
                foreach (var entry in entries)
                {
                    await writer.EventAsync("message", entry.Seq, Json(HistoryMessage.Of(entry)), end);
                    seq = entry.Seq;
                }

                if (entries.Count < Batch) return seq;
            }
        }
        catch (StoreUnavailableException e)
        {
            // The next poll reads from the same place.
            LogStore(e);
            return seq;
        }
    }

    private static string Json(HistoryMessage message) => JsonSerializer.Serialize(message, IngestJson.Plain.HistoryMessage);

    private static string Json(DeliveryNews news) => JsonSerializer.Serialize(news, IngestJson.Plain.DeliveryNews);

    // delivery:<reply id>:<status>
    private static DeliveryNews? Delivery(string notice)
    {
        if (!notice.StartsWith(Notices.DeliveryPrefix, StringComparison.Ordinal)) return null;
        var rest = notice[Notices.DeliveryPrefix.Length..];
        var colon = rest.LastIndexOf(':');
        return colon < 1 ? null : new DeliveryNews(rest[..colon], rest[(colon + 1)..].ToLowerInvariant());
    }

    private static bool TryReadLastEventId(HttpRequest request, out long? after)
    {
        after = null;
        var given = request.Headers["Last-Event-ID"] is { Count: > 0 } header ? header : request.Query["last_event_id"];
        if (given.Count == 0 || (given.Count == 1 && string.IsNullOrEmpty(given[0]))) return true;
        if (given.Count > 1 || !long.TryParse(given[0], NumberStyles.None, CultureInfo.InvariantCulture, out var seq)) return false;
        after = seq;
        return true;
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    [LoggerMessage(1, LogLevel.Warning, "A stream could not read the store and tries again")]
    private partial void LogStore(Exception error);
}
