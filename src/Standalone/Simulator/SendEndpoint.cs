using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Parley.Standalone.Simulator;

/// <summary><c>POST /{version}/{phone number id}/messages</c>: checks as the Cloud API does, takes the message, lets the statuses follow.</summary>
internal sealed class SendEndpoint(SimulatedAccounts accounts, SimulatedChats chats, StatusSender statuses, TimeProvider time)
{
    public async Task<IResult> HandleAsync(HttpContext http, string phoneNumberId)
    {
        if (accounts.Find(phoneNumberId) is not { } account) return GraphError.NoSuchPhone(phoneNumberId).ToResult();
        if (!IsToken(http.Request.Headers.Authorization, account.AccessToken)) return GraphError.NoToken.ToResult();

        JsonElement body;
        try
        {
            using var document = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
            body = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return GraphError.InvalidParameter("The request body is not JSON.").ToResult();
        }

        // "typing…" and blue ticks for what the user wrote: nothing is sent.
        if (SendCheck.Text(body, "status") == "read") return Json(new JsonObject { ["success"] = true });

        var (send, error) = SendCheck.Read(body);
        error ??= GraphError.AtOnceFor(send!.User);
        return error is null ? Take(phoneNumberId, send!, body) : error.ToResult();
    }

    private ContentHttpResult Take(string phoneNumberId, SimulatedSend send, JsonElement body)
    {
        var message = new ChatMessage
        {
            Id = NewId(),
            Account = phoneNumberId,
            User = send.User,
            FromUser = false,
            Type = send.Type,
            Text = send.Text,
            Buttons = send.Buttons,
            Status = "accepted",
            BizOpaqueCallbackData = send.CallbackData,
            At = time.GetUtcNow(),
            Request = body,
        };
        chats.Add(message);
        statuses.Follow(message);
        return Json(new JsonObject
        {
            ["messaging_product"] = "whatsapp",
            ["contacts"] = new JsonArray(new JsonObject { ["input"] = send.Input, ["wa_id"] = send.User }),
            ["messages"] = new JsonArray(new JsonObject { ["id"] = message.Id }),
        });
    }

    internal static string NewId() => "wamid." + Convert.ToBase64String(RandomNumberGenerator.GetBytes(30));

    private static bool IsToken(string? authorization, string? token) => token is { Length: > 0 }
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(authorization ?? ""), Encoding.UTF8.GetBytes("Bearer " + token));

    private static ContentHttpResult Json(JsonObject body) => TypedResults.Text(body.ToJsonString(), "application/json");
}
