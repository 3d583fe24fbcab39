using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Common.Backplane;
using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.Ingest.Api.Tokens;
using Parley.Ingest.Publishing;
using Parley.Ingest.Reading;

namespace Parley.Ingest.Api.Messages;

/// <summary><c>POST /api/v2/chat/message</c>: publish, and wait for the turn as long as the caller likes.</summary>
internal sealed partial class PostMessage(
    InboundPublisher publisher, IConversationStore store, IBackplane backplane, IdempotencyKey idempotency, IOptions<IngestOptions> options,
    IngestMetrics metrics, TimeProvider time, ILogger<PostMessage> log)
{
    // Notices may be lost; the store is asked this often regardless.
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    public async Task<IResult> HandleAsync(HttpContext http)
    {
        var caller = http.Caller();
        using var body = await RequestBody.ReadAsync(http.Request, options.Value.MaxRequestBytes, http.RequestAborted);
        if (body is null) return ApiErrors.TooLarge(options.Value.MaxRequestBytes);

        List<FieldError> errors = [];
        var request = Read(body.Bytes, caller, errors);
        var (derivedId, keyError) = errors.Count == 0 ? await idempotency.ReadAsync(http.Request, caller, body.Bytes) : (null, null);
        if (keyError is not null) errors.Add(keyError);
        if (request is null || errors.Count > 0) return ApiErrors.Invalid(errors);

        if (!caller.May(Permissions.Send)) return ApiErrors.Forbidden($"permission {Permissions.Send} is missing");
        if (OutOfScope(request, caller) is { } refused) return refused;

        return await TakeAsync(http, ToMessage(request, caller, derivedId));
    }

    private async Task<IResult> TakeAsync(HttpContext http, InboundMessage message)
    {
        if (await FindAsync(message.Identity, http.RequestAborted) is { } already) return await AnsweredAsync(http, already, message);
        if (InboundPublisher.Encode(message, out var problem) is not { } record)
        {
            return ApiErrors.Invalid([new FieldError(["body"], problem, "too_large")]);
        }

        var wait = Preference.Wait(http.Request, options.Value.Wait);
        await using var notified = wait > TimeSpan.Zero ? await Notified.StartAsync(backplane, message.Key, time) : null;
        if (await publisher.PublishAsync([record]) is PublishOutcome.Refused refused)
        {
            return ApiErrors.Unavailable(http, refused.Reason, refused.RetryAfter);
        }

        metrics.Accepted(message.Channel, 1);

        var seen = notified is null ? null : await WaitAsync(notified, message.Identity, wait, http.RequestAborted);
        return seen is null ? Accepted(http, message, asked: wait == TimeSpan.Zero) : await AnsweredAsync(http, seen, message);
    }

    private async Task<SeenMessage?> WaitAsync(Notified notified, MessageIdentity identity, TimeSpan wait, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var left = wait - time.GetElapsedTime(started);
            await notified.NextAsync(left < Poll ? left : Poll, cancellation);
            if (await FindAsync(identity, cancellation) is { } seen) return seen;
            if (time.GetElapsedTime(started) >= wait) return null;
        }
    }

    private async Task<SeenMessage?> FindAsync(MessageIdentity identity, CancellationToken cancellation)
    {
        try
        {
            var seen = await store.FindSeenAsync([identity], cancellation);
            return seen.Count > 0 ? seen[0] : null;
        }
        catch (StoreUnavailableException e)
        {
            // Accepting a message rests on the broker alone. Without the store its answer is only later: the caller gets a 202.
            LogStore(e);
            return null;
        }
    }

    private async Task<IResult> AnsweredAsync(HttpContext http, SeenMessage seen, InboundMessage message)
    {
        // Ids are unique per account, not per conversation: the answer to somebody else's message is not this caller's.
        if (seen.Key != message.Key) return ApiErrors.Plain(StatusCodes.Status409Conflict, "message_id was used in another conversation");

        // It is kept, and will be answered when the conversation is released.
        if (seen.Facts.Parked) return Accepted(http, message, asked: false);

        var answer = MessageAnswer.Of(seen, await store.LoadAsync(seen.Key, http.RequestAborted), time.GetUtcNow());
        return TypedResults.Json(new Success<MessageAnswer>("success", answer), IngestJson.Plain.SuccessMessageAnswer);
    }

    private static JsonHttpResult<Success<AcceptedMessage>> Accepted(HttpContext http, InboundMessage message, bool asked)
    {
        http.Response.Headers.Location = $"/api/v2/chat/conversations/{Uri.EscapeDataString(message.ConversationId)}/history";
        if (asked) http.Response.Headers["Preference-Applied"] = "respond-async";
        return TypedResults.Json(
            new Success<AcceptedMessage>("accepted", new AcceptedMessage(message.MessageId, message.ConversationId)),
            IngestJson.Plain.SuccessAcceptedMessage, statusCode: StatusCodes.Status202Accepted);
    }

    private static MessageRequest? Read(ReadOnlyMemory<byte> body, Caller caller, List<FieldError> errors)
    {
        if (!JsonBody.TryParse(body, out var document, out var reason, unique: true))
        {
            errors.Add(new FieldError(["body"], reason, "json_invalid"));
            return null;
        }

        using (document) return MessageRequest.Read(document.RootElement, caller.Tenant, errors);
    }

    private static IResult? OutOfScope(MessageRequest request, Caller caller)
    {
        if (caller.Visitor is not { } scope) return null;
        if (request.ConversationId is { } named && !caller.MaySee(named)) return ApiErrors.NotFound("conversation");
        if (request.Channel != ChannelNames.Web || request.Account != scope.Account)
        {
            return ApiErrors.Forbidden("a visitor writes in the web chat it was let into");
        }

        if (request.UserId != caller.Subject) return ApiErrors.Forbidden("a visitor writes in its own name");
        return request.Context is null ? null : ApiErrors.Forbidden("a visitor may not set context");
    }

    private InboundMessage ToMessage(MessageRequest request, Caller caller, string? derivedId)
    {
        var tenant = caller.Tenant.Id;
        return new InboundMessage
        {
            Tenant = tenant,
            ConversationId = caller.Visitor?.ConversationId ?? request.ConversationId
                ?? DerivedId.Conversation(tenant, request.Channel, request.Account, request.UserId),
            Channel = request.Channel,
            Account = request.Account,
            Participant = new Participant(request.UserId),
            MessageId = request.MessageId ?? derivedId ?? Guid.CreateVersion7(time.GetUtcNow()).ToString(),
            Content = request.Content,
            Context = request.Context,
            ReceivedAt = time.GetUtcNow(),
        };
    }

    [LoggerMessage(1, LogLevel.Warning, "The store does not answer; messages are taken all the same")]
    private partial void LogStore(Exception error);
}
