using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Parley.Common.Conversations;
using Parley.Common.Stores;
using Parley.Ingest.Api.Tokens;

namespace Parley.Ingest.Api.Conversations;

/// <summary><c>GET /api/v2/chat/conversations/{id}</c>: how a conversation stands.</summary>
internal sealed class GetConversation(IConversationStore store)
{
    public async Task<IResult> HandleAsync(HttpContext http, string id)
    {
        var caller = http.Caller();
        if (!caller.May(Permissions.Read)) return ApiErrors.Forbidden($"permission {Permissions.Read} is missing");
        if (!caller.MaySee(id)) return ApiErrors.NotFound("conversation");

        var key = new ConversationKey(caller.Tenant.Id, id);
        if (await store.LoadAsync(key, http.RequestAborted) is not { } state) return ApiErrors.NotFound("conversation");

        var parked = await store.ReadParkedAsync(key, 1, http.RequestAborted);
        return TypedResults.Json(new Success<ConversationAnswer>("success", ConversationAnswer.Of(id, state, parked)), IngestJson.Plain.SuccessConversationAnswer);
    }
}

/// <summary>A conversation without its history.</summary>
/// <param name="Status">active, handed_off, parked or closed.</param>
/// <param name="Parked">Set while messages are parked.</param>
internal sealed record ConversationAnswer(
    string ConversationId, string Status, string Channel, string Account, string UserId, string? SessionId, long TotalMessages, ParkedAnswer? Parked,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public static ConversationAnswer Of(string id, ConversationState state, ParkedPage parked) => new(
        id, JsonNamingPolicy.SnakeCaseLower.ConvertName(state.Status.ToString()), state.Channel, state.Account, state.Participant.Id, state.Session?.Id,
        state.LastSeq, parked.Oldest is [var oldest, ..] ? ParkedAnswer.Of(state, oldest, parked.Total) : null, state.CreatedAt, state.UpdatedAt);
}

/// <param name="Reason">Why the oldest was not answered.</param>
/// <param name="Messages">How many wait.</param>
/// <param name="OldestMessageId">The first one.</param>
/// <param name="Attempts">How often the oldest one's turn was tried.</param>
/// <param name="Since">When it was parked.</param>
internal sealed record ParkedAnswer(string Reason, long Messages, string OldestMessageId, int Attempts, DateTimeOffset Since)
{
    public static ParkedAnswer Of(ConversationState state, ParkedMessage oldest, long total) =>
        new(state.ParkedReason ?? oldest.Reason, total, oldest.Message.MessageId, oldest.Attempts, oldest.ParkedAt);
}
