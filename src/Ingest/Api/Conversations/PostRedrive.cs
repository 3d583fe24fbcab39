using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.Ingest.Api.Messages;
using Parley.Ingest.Api.Tokens;
using Parley.Ingest.Publishing;
using Parley.Ingest.Reading;

namespace Parley.Ingest.Api.Conversations;

/// <summary><c>POST /api/v2/chat/conversations/{id}/redrive</c>: asks the conversation's owner to release what is parked.</summary>
internal sealed class PostRedrive(InboundPublisher publisher, IConversationStore store, IOptions<IngestOptions> options, TimeProvider time)
{
    private const int ReasonChars = 500;

    public async Task<IResult> HandleAsync(HttpContext http, string id)
    {
        var caller = http.Caller();
        using var body = await RequestBody.ReadAsync(http.Request, options.Value.MaxRequestBytes, http.RequestAborted);
        if (body is null) return ApiErrors.TooLarge(options.Value.MaxRequestBytes);

        List<FieldError> errors = [];
        var (command, reason) = Read(body.Bytes, errors);
        if (errors.Count > 0) return ApiErrors.Invalid(errors);
        if (!caller.May(Permissions.Manage)) return ApiErrors.Forbidden($"permission {Permissions.Manage} is missing");
        if (!caller.MaySee(id)) return ApiErrors.NotFound("conversation");

        var key = new ConversationKey(caller.Tenant.Id, id);
        if (await store.LoadAsync(key, http.RequestAborted) is null) return ApiErrors.NotFound("conversation");
        if ((await store.ReadParkedAsync(key, 1, http.RequestAborted)).Total == 0)
        {
            return ApiErrors.Plain(StatusCodes.Status409Conflict, "the conversation is not parked");
        }

        var now = time.GetUtcNow();
        var wanted = new ConversationCommand
        {
            Tenant = key.Tenant,
            ConversationId = key.ConversationId,
            CommandId = Guid.CreateVersion7(now).ToString(),
            Command = command,
            By = caller.Subject,
            Reason = reason,
            At = now,
        };
        return await publisher.PublishAsync([InboundPublisher.Encode(wanted)]) is PublishOutcome.Refused refused
            ? ApiErrors.Unavailable(http, refused.Reason, refused.RetryAfter)
            : TypedResults.Json(
                new Success<RedriveAnswer>("accepted", new RedriveAnswer(key.ConversationId, wanted.CommandId)),
                IngestJson.Plain.SuccessRedriveAnswer, statusCode: StatusCodes.Status202Accepted);
    }

    private static (string Command, string? Reason) Read(ReadOnlyMemory<byte> body, List<FieldError> errors)
    {
        if (!JsonBody.TryParse(body, out var document, out var problem, unique: true))
        {
            errors.Add(new FieldError(["body"], problem, "json_invalid"));
            return ("", null);
        }

        using (document)
        {
            var check = new FieldCheck(document.RootElement, errors, "body");
            if (!check.IsObject()) return ("", null);
            check.OnlyMembers(["action", "reason"]);
            var action = check.Text("action", required: true, maxChars: Limits.IdChars);
            var reason = check.Text("reason", required: false, maxChars: ReasonChars);
            if (action is not (null or "retry" or "skip")) check.Wrong("action", "Input should be one of retry, skip", "enum");
            return (action == "skip" ? CommandNames.Skip : CommandNames.Redrive, reason);
        }
    }
}

/// <summary>The 202: the command is durable.</summary>
internal sealed record RedriveAnswer(string ConversationId, string CommandId);
