using System.Net.Http.Headers;
using System.Text.Json;
using Parley.Dispatcher.Sending;

namespace Parley.Dispatcher.Channels.WhatsApp;

/// <summary>What an answer of the Cloud API, or its absence, says about a send. Pure.</summary>
internal static class WhatsAppAnswer
{
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(1);
    private const int ReasonChars = 300;

    public static SendResult Classify(ChannelAnswer answer, DateTimeOffset now)
    {
        if (!answer.Written) return new SendResult.Refused($"nothing was sent: {answer.Error}");
        if (answer.Status is not { } status) return new SendResult.InDoubt($"sent, then {answer.Error}");

        using var json = Parse(answer.Body);
        var retryAfter = RetryAfter(answer.RetryAfter, now);
        var http = (int)status;
        if (http is >= 200 and < 300 && MessageId(json) is { } id) return new SendResult.Sent(id);
        if (Error(json) is var (code, reason))
        {
            if (WhatsAppErrors.Classes.TryGetValue(code, out var known)) return WhatsAppErrors.ToResult(known, reason, retryAfter);
            if (http is >= 400 and < 500) return new SendResult.Rejected(reason);
            return new SendResult.InDoubt($"HTTP {http}, {reason}");
        }

        return http switch
        {
            // A redirect, a proxy's page: whoever answered is not the API, and a definite no is all the same a no.
            >= 300 and < 400 => new SendResult.Refused($"HTTP {http}: a redirect is not followed"),
            429 => new SendResult.Refused("HTTP 429", retryAfter, WholeAccount: true),
            401 => new SendResult.AccountBlocked("HTTP 401 without an error code"),
            400 or 413 => new SendResult.Rejected($"HTTP {http} without an error code"),
            408 => new SendResult.InDoubt("HTTP 408"),
            >= 400 and < 500 => new SendResult.Refused($"HTTP {http} without an error code", retryAfter),
            // What says 200 without a message id, or 5xx without a code, may have been said after the message was taken.
            _ => new SendResult.InDoubt($"HTTP {http} {(json is null ? "with a body that cannot be read" : "without message id or error code")}"),
        };
    }

    private static JsonDocument? Parse(byte[]? body)
    {
        if (body is not { Length: > 0 }) return null;
        try
        {
            return JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 16 });
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? MessageId(JsonDocument? json) =>
        json?.RootElement is { ValueKind: JsonValueKind.Object } root
        && root.TryGetProperty("messages", out var messages) && messages.ValueKind == JsonValueKind.Array && messages.GetArrayLength() > 0
        && messages[0] is { ValueKind: JsonValueKind.Object } first
        && first.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String && id.GetString() is { Length: > 0 } text
            ? text
            : null;

    private static (int Code, string Reason)? Error(JsonDocument? json)
    {
        if (json?.RootElement is not { ValueKind: JsonValueKind.Object } root
            || !root.TryGetProperty("error", out var error) || error.ValueKind != JsonValueKind.Object
            || !error.TryGetProperty("code", out var number) || number.ValueKind != JsonValueKind.Number || !number.TryGetInt32(out var code)) return null;

        var details = error.TryGetProperty("error_data", out var data) && data.ValueKind == JsonValueKind.Object ? Text(data, "details") : null;
        var reason = string.Join(": ", new[] { $"{code}", Text(error, "message"), details }.OfType<string>().Distinct());
        return (code, reason.Length <= ReasonChars ? reason : reason[..ReasonChars] + "…");
    }

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    // Zero, the past and nonsense mean: it did not say. A day is not waited for on one answer's word.
    private static TimeSpan? RetryAfter(RetryConditionHeaderValue? header, DateTimeOffset now)
    {
        var wait = header?.Delta ?? (header?.Date - now);
        return wait is { } time && time > TimeSpan.Zero ? (time < LongestRetryAfter ? time : LongestRetryAfter) : null;
    }
}
