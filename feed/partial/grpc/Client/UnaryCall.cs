using Grpc.Core;

namespace Grpc.Net.Client;

// One message each way.
internal sealed class UnaryCall<TRequest, TResponse>(GrpcChannel channel, Method<TRequest, TResponse> method, in CallOptions options)
    : HttpCall<TRequest, TResponse>(channel, method, options)
    where TRequest : class
    where TResponse : class
{
    public async Task<TResponse> RunAsync(TRequest request)
    {
        TResponse? response = null;
        FrameReader? body = null;
        Status status;
        try
        {
            body = await OpenAsync(request).ConfigureAwait(false);
            Frame frame = Frame.End;
            while (body is not null && (frame = await body.ReadAsync(Cancelled).ConfigureAwait(false)) == Frame.Message)
            {
                if (response is not null)
                    throw new RpcException(new Status(StatusCode.Internal, "The answer has two messages; a unary call has one."));
                response = ReadMessage(body);
            }

            status = ReceivedStatus(frame);
            if (status.StatusCode == StatusCode.OK && response is null)
                status = new Status(StatusCode.Internal, "The answer has no message; a unary call has one.");
        }
        catch (Exception e)
        {
            // Whatever went wrong, a caller of gRPC gets a status.
            status = StatusOf(e);
        }

        if (TryEnd(status))
            CleanUp();
        body?.Release();
        return status.StatusCode == StatusCode.OK ? response! : throw Error();
    }
}
