using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;

namespace Grpc.Net.Client;

// The status of a call in its HTTP response: in the trailers, or in the headers of a response without a body.
// What to make of a response without one: https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md
internal static class ResponseStatus
{
    // Whether the headers are all there is to read: they carry the status, or the response is not gRPC.
    public static bool InHeaders(HttpResponseMessage response) =>
        response.StatusCode != HttpStatusCode.OK || !IsGrpc(response) || response.Headers.NonValidated.Contains("grpc-status");

    // Of a response that was read to its end.
    public static Status Of(HttpResponseMessage response)
    {
        if (TryRead(response.Headers, out Status status))
            return status;
        if (response.StatusCode != HttpStatusCode.OK)
            return new Status(OfHttp(response.StatusCode), $"The answer is HTTP {(int)response.StatusCode} without a gRPC status.");
        if (!IsGrpc(response))
            return new Status(StatusCode.Unknown, $"The answer is not gRPC: its content type is '{ContentType(response)}'.");
        return TryRead(response.TrailingHeaders, out status)
            ? status
            : new Status(StatusCode.Unknown, "The answer ended without a gRPC status.");
    }

    private static bool TryRead(HttpHeaders headers, out Status status)
    {
        status = Status.DefaultSuccess;
        if (!headers.NonValidated.TryGetValues("grpc-status", out HeaderStringValues values))
            return false;

        string text = values.ToString();
        if (text == "0")
            return true;
        string detail = headers.NonValidated.TryGetValues("grpc-message", out HeaderStringValues message)
            ? Uri.UnescapeDataString(message.ToString())
            : "";
        status = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int code) && code <= (int)StatusCode.Unauthenticated
            ? new Status((StatusCode)code, detail)
            : new Status(StatusCode.Unknown, $"The answer's grpc-status is '{text}', which means nothing. {detail}".TrimEnd());
        return true;
    }

    private static bool IsGrpc(HttpResponseMessage response) =>
        ContentType(response) is { } type && type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase)
        && (type.Length == "application/grpc".Length || type["application/grpc".Length] is '+' or ';');

    private static string? ContentType(HttpResponseMessage response) =>
        response.Content.Headers.NonValidated.TryGetValues("Content-Type", out HeaderStringValues type) ? type.ToString() : null;

    private static StatusCode OfHttp(HttpStatusCode code) => code switch
    {
        HttpStatusCode.BadRequest or HttpStatusCode.RequestHeaderFieldsTooLarge => StatusCode.Internal,
        HttpStatusCode.Unauthorized => StatusCode.Unauthenticated,
        HttpStatusCode.Forbidden => StatusCode.PermissionDenied,
        HttpStatusCode.NotFound => StatusCode.Unimplemented,
        HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout
            => StatusCode.Unavailable,
        _ => StatusCode.Unknown,
    };
}
