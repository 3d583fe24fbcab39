using System.Globalization;
using Microsoft.AspNetCore.Http;
using Parley.Common.Conversations;
using Parley.Common.Stores;
using Parley.Ingest.Api.Tokens;

namespace Parley.Ingest.Api.Conversations;

/// <summary><c>GET /api/v2/chat/conversations/{id}/history</c>.</summary>
internal sealed class GetHistory(IConversationStore store)
{
    private const int DefaultPageSize = 20;
    private const int MaxPageSize = 100;
    private const int MaxPage = 1_000_000;

    public async Task<IResult> HandleAsync(HttpContext http, string id)
    {
        var caller = http.Caller();
        List<FieldError> errors = [];
        var page = Number(http.Request, "page", 1, MaxPage, errors);
        var pageSize = Number(http.Request, "page_size", DefaultPageSize, MaxPageSize, errors);
        if (errors.Count > 0) return ApiErrors.Invalid(errors);
        if (!caller.May(Permissions.Read)) return ApiErrors.Forbidden($"permission {Permissions.Read} is missing");
        if (!caller.MaySee(id)) return ApiErrors.NotFound("conversation");

        var found = await store.ReadHistoryAsync(new ConversationKey(caller.Tenant.Id, id), page, pageSize, http.RequestAborted);

        // A visitor's own conversation is there from the start, however empty.
        if (found.TotalMessages == 0 && caller.Visitor is null) return ApiErrors.NotFound("conversation");

        var answer = new HistoryAnswer(
            id, [.. found.Entries.Select(HistoryMessage.Of)], page, pageSize, found.TotalMessages,
            HasNext: (long)page * pageSize < found.TotalMessages, HasPrevious: page > 1);
        return TypedResults.Json(new Success<HistoryAnswer>("success", answer), IngestJson.Plain.SuccessHistoryAnswer);
    }

    private static int Number(HttpRequest request, string name, int standard, int most, List<FieldError> errors)
    {
        var given = request.Query[name];
        if (given.Count == 0) return standard;
        if (given is [{ } text] && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most)
        {
            return number;
        }

        errors.Add(new FieldError(["query", name], $"Input should be a whole number from 1 to {most}", "int_range"));
        return standard;
    }
}
