using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Parley.Standalone.Simulator;

/// <summary><c>POST /simulator/whatsapp/type</c>: what somebody types on a simulated phone becomes a signed webhook.</summary>
internal sealed class TypeEndpoint(SimulatedAccounts accounts, WebhookSender webhooks, TimeProvider time)
{
    private static readonly string[] Types = ["text", "choice", "image", "audio", "sticker", "location"];

    public async Task<IResult> HandleAsync(HttpContext http)
    {
        // A form of another site could post plain text here, but not JSON.
        if (!http.Request.HasJsonContentType()) return Wrong("the content type must be application/json");

        TypedMessage? typed;
        try
        {
            typed = await JsonSerializer.DeserializeAsync(http.Request.Body, SimulatorJson.Default.TypedMessage, http.RequestAborted);
        }
        catch (JsonException e)
        {
            return Wrong($"the body is not valid: {e.Message}");
        }

        if (Problem(typed) is { } problem) return Wrong(problem);
        var account = typed!.Account ?? accounts.Phones[0].Account;
        var id = SendEndpoint.NewId();
        var status = await webhooks.PostAsync(account, WebhookBodies.Message(account, id, typed, time.GetUtcNow()), http.RequestAborted);
        return TypedResults.Json(new TypedAnswer(id, status), SimulatorJson.Default.TypedAnswer);
    }

    private string? Problem(TypedMessage? typed)
    {
        if (typed?.From is not { Length: >= 7 and <= 15 } from || !from.All(char.IsAsciiDigit)) return "from must be a phone number of 7 to 15 digits";
        if (typed.Type is { } type && !Types.Contains(type)) return $"type must be one of {string.Join(", ", Types)}";
        if (typed.Type is null or "text" && string.IsNullOrWhiteSpace(typed.Text)) return "text is missing";
        if (typed.Type == "choice" && typed.Choice is not { Id.Length: > 0, Title.Length: > 0 }) return "choice needs id and title";
        if (typed.Account is { } account && accounts.Find(account) is null) return $"account '{account}' is not simulated";
        return typed.Account is null && accounts.Phones.Count != 1 ? "account is missing: there are several" : null;
    }

    private static ContentHttpResult Wrong(string detail) => TypedResults.Text(detail, "text/plain", statusCode: StatusCodes.Status422UnprocessableEntity);
}
