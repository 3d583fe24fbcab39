using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Parley.Ingest.Api;

/// <summary>The answers that are not a success: a <c>detail</c> for people, nothing of our insides.</summary>
internal static class ApiErrors
{
    public static IResult Unauthorized(HttpContext http)
    {
        http.Response.Headers.WWWAuthenticate = "Bearer";
        return Plain(StatusCodes.Status401Unauthorized, "authorization is missing or not valid");
    }

    public static IResult Forbidden(string why) => Plain(StatusCodes.Status403Forbidden, $"access denied: {why}");

    public static IResult NotFound(string what) => Plain(StatusCodes.Status404NotFound, $"{what} not found");

    public static IResult TooLarge(int maxBytes) => Plain(StatusCodes.Status413PayloadTooLarge, $"the body is larger than {maxBytes} bytes");

    public static IResult Invalid(IReadOnlyList<FieldError> errors) =>
        TypedResults.Json(new ValidationAnswer(errors), IngestJson.Plain.ValidationAnswer, statusCode: StatusCodes.Status422UnprocessableEntity);

    public static IResult TooMany(HttpContext http, string message, TimeSpan retryAfter)
    {
        SetRetryAfter(http, retryAfter);
        return TypedResults.Json(
            new RateAnswer(new RateError(message)), IngestJson.Plain.RateAnswer, statusCode: StatusCodes.Status429TooManyRequests);
    }

    public static IResult Unavailable(HttpContext http, string why, TimeSpan retryAfter)
    {
        SetRetryAfter(http, retryAfter);
        return Plain(StatusCodes.Status503ServiceUnavailable, why);
    }

    public static IResult Plain(int status, string detail) => TypedResults.Json(new ErrorAnswer(detail), IngestJson.Plain.ErrorAnswer, statusCode: status);

    private static void SetRetryAfter(HttpContext http, TimeSpan wait) =>
        http.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}

internal sealed record ErrorAnswer(string Detail);

internal sealed record ValidationAnswer(IReadOnlyList<FieldError> Detail);

/// <summary>One wrong field.</summary>
/// <param name="Loc">The way to it, for example <c>["body", "content", "text"]</c>.</param>
/// <param name="Msg">For people.</param>
/// <param name="Type">For programs.</param>
internal sealed record FieldError(IReadOnlyList<string> Loc, string Msg, string Type);

internal sealed record RateAnswer(RateError Error);

internal sealed record RateError(string Message);
