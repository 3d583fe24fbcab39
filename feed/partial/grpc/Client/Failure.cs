using System.Net.Sockets;
using Grpc.Core;

namespace Grpc.Net.Client;

// The status of a call that the transport failed.
internal static class Failure
{
    public static Status ToStatus(Exception exception, string target)
    {
        bool unreachable = false;
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is HttpProtocolException reset)
                return new Status(OfHttp2(reset.ErrorCode), $"{target} broke the call off: {reset.Message}", exception);
            unreachable |= cause is SocketException or IOException or TimeoutException or HttpRequestException
            {
                HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
                    or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
            };
        }

        return unreachable
            ? new Status(StatusCode.Unavailable, $"{target} cannot be reached: {Reason(exception)}", exception)
            : new Status(StatusCode.Internal, $"The call to {target} failed: {Reason(exception)}", exception);
    }

    // The outermost message often says only that something failed, the innermost only what a socket saw of it.
    private static string Reason(Exception exception) =>
        exception.InnerException is { } inner && !exception.Message.Contains(inner.Message, StringComparison.Ordinal)
            ? $"{exception.Message} {inner.Message}"
            : exception.Message;

    // Error codes of RST_STREAM and GOAWAY, RFC 9113 section 7, as the gRPC over HTTP/2 description maps them.
    private static StatusCode OfHttp2(long errorCode) => errorCode switch
    {
        0x7 => StatusCode.Unavailable, // REFUSED_STREAM: the server did nothing
        0x8 => StatusCode.Cancelled, // CANCEL
        0xb => StatusCode.ResourceExhausted, // ENHANCE_YOUR_CALM
        0xc => StatusCode.PermissionDenied, // INADEQUATE_SECURITY
        _ => StatusCode.Internal,
    };
}
