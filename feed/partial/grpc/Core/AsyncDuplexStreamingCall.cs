namespace Grpc.Core;

/// <summary>A call with many messages each way.</summary>
public sealed class AsyncDuplexStreamingCall<TRequest, TResponse>(
    IClientStreamWriter<TRequest> requestStream,
    IAsyncStreamReader<TResponse> responseStream,
    Task<Metadata> responseHeadersAsync,
    Func<Status> getStatusFunc,
    Func<Metadata> getTrailersFunc,
    Action disposeAction) : IDisposable
{
    /// <summary>Takes the requests.</summary>
    public IClientStreamWriter<TRequest> RequestStream => requestStream;

    /// <summary>The responses.</summary>
    public IAsyncStreamReader<TResponse> ResponseStream => responseStream;

    /// <summary>The headers of the response.</summary>
    public Task<Metadata> ResponseHeadersAsync => responseHeadersAsync;

    /// <summary>How the call ended.</summary>
    public Status GetStatus() => getStatusFunc();

    /// <summary>What came after the last message.</summary>
    public Metadata GetTrailers() => getTrailersFunc();

    /// <summary>Ends the call.</summary>
    public void Dispose() => disposeAction();
}
