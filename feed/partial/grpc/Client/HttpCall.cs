using System.Net;
using System.Runtime.CompilerServices;
using Grpc.Core;

namespace Grpc.Net.Client;

// One call's way over HTTP/2, from the request up to the first byte of the body; the subclasses read the body.
// It ends exactly once, with a status. Everything mutable is guarded by a lock on _cancellation.
internal abstract class HttpCall<TRequest, TResponse> : CallState
    where TRequest : class
    where TResponse : class
{
    // CancelAfter takes no more. The server hears of longer deadlines all the same.
    private static readonly TimeSpan s_longestTimer = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    private readonly GrpcChannel _channel;
    private readonly Method<TRequest, TResponse> _method;
    private readonly Metadata? _headers;
    private readonly DateTime _deadline;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _cancellation;
    private HttpResponseMessage? _response;
    private TaskCompletionSource<Metadata>? _responseHeaders;
    private Status _status;
    private volatile bool _ended;
    private volatile bool _cancelledByCaller;
    private volatile bool _disposed;

    protected HttpCall(GrpcChannel channel, Method<TRequest, TResponse> method, in CallOptions options)
    {
        channel.ThrowIfDisposed();
        _deadline = options.Deadline ?? DateTime.MaxValue;
        if (_deadline.Kind != DateTimeKind.Utc && _deadline != DateTime.MaxValue && _deadline != DateTime.MinValue)
            throw new InvalidOperationException($"The deadline {_deadline:O} is not in UTC.");

        _channel = channel;
        _method = method;
        _headers = options.Headers;
        _caller = options.CancellationToken;
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(_caller, channel.Disposing);
        Cancelled = _cancellation.Token;
    }

    public override Task<Metadata> ResponseHeadersAsync
    {
        get
        {
            lock (_cancellation)
            {
                if (_responseHeaders is null)
                {
                    _responseHeaders = new TaskCompletionSource<Metadata>(TaskCreationOptions.RunContinuationsAsynchronously);
                    if (_response is not null)
                        _responseHeaders.SetResult(HttpMetadata.Read(_response.Headers));
                    else if (_ended)
                        Fail(_responseHeaders, _status);
                }

                return _responseHeaders.Task;
            }
        }
    }

    // Set by the caller's token, the deadline, Dispose, or the end of the channel.
    protected CancellationToken Cancelled { get; }

    protected bool Ended => _ended;

    protected object Gate => _cancellation;

    public override Status GetStatus() =>
        _ended ? _status : throw new InvalidOperationException("The call has no status before it has ended.");

    public override Metadata GetTrailers() => _ended && _response is not null
        ? Trailers(_response)
        : throw new InvalidOperationException("The call has no trailers: it has not ended, or ended without an answer.");

    public override void Dispose()
    {
        if (_ended)
            return;
        _disposed = true;
        Cancel();
    }

    protected void CancelByCaller()
    {
        _cancelledByCaller = true;
        Cancel();
    }

    // The body, or null when the response has none because its headers carry the status.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    protected async ValueTask<FrameReader?> OpenAsync(TRequest request)
    {
        Cancelled.ThrowIfCancellationRequested();
        string? timeout = StartTimer();
        RequestContent content = RequestContent.Write(_method.RequestMarshaller, request, _channel.MaxSendMessageSize);
        HttpResponseMessage response;
        try
        {
            response = await _channel.SendAsync(NewRequest(content, timeout), Cancelled).ConfigureAwait(false);
        }
        finally
        {
            content.Release();
        }

        Accept(response);
        if (ResponseStatus.InHeaders(response))
            return null;

        Stream body = await response.Content.ReadAsStreamAsync(Cancelled).ConfigureAwait(false);
        return new FrameReader(body, _channel.MaxReceiveMessageSize, response);
    }

    protected TResponse ReadMessage(FrameReader frame)
    {
        try
        {
            return _method.ResponseMarshaller.ContextualDeserializer(frame);
        }
        catch (Exception e) when (e is not RpcException)
        {
            throw new RpcException(new Status(StatusCode.Internal, $"The answer of {_method.FullName} could not be read: {e.Message}", e));
        }
    }

    // Of a response that was read to its end.
    protected Status ReceivedStatus(Frame last)
    {
        Status status = ResponseStatus.Of(_response!);
        return last == Frame.CutOff && status.StatusCode == StatusCode.OK
            ? new Status(StatusCode.Internal, "The answer ended within a message.")
            : status;
    }

    protected Status StatusOf(Exception exception)
    {
        if (exception is RpcException decided)
            return decided.Status;
        if (Cancelled.IsCancellationRequested)
            return CancelledStatus(exception);

        Status status = Failure.ToStatus(exception, _channel.Target);
        // A server that keeps the deadline too may reset the stream a moment before the timer here fires.
        return status.StatusCode == StatusCode.Cancelled && _deadline <= DateTime.UtcNow ? DeadlineExceeded(exception) : status;
    }

    protected Status CancelledStatus(Exception? exception = null)
    {
        if (_cancelledByCaller || _caller.IsCancellationRequested)
            return new Status(StatusCode.Cancelled, "The call was cancelled by its caller.", exception);
        if (_disposed)
            return new Status(StatusCode.Cancelled, "The call was disposed before it ended.", exception);
        return _channel.Disposing.IsCancellationRequested
            ? new Status(StatusCode.Cancelled, "The channel was disposed before the call ended.", exception)
            : DeadlineExceeded(exception);
    }

    // Ends the call if it has not ended yet. Whoever gets true calls CleanUp, outside the gate.
    protected bool TryEnd(in Status status)
    {
        lock (_cancellation)
        {
            if (_ended)
                return false;
            _status = status;
            _ended = true;
            return true;
        }
    }

    // Not under the gate: unlinking from the caller's token waits for a callback that may want it.
    // Disposing a response that has not ended resets the stream, so that the server hears of it.
    protected void CleanUp()
    {
        HttpResponseMessage? response;
        TaskCompletionSource<Metadata>? unanswered;
        lock (_cancellation)
        {
            response = _response;
            unanswered = response is null ? _responseHeaders : null;
        }

        response?.Dispose();
        _cancellation.Dispose();
        if (unanswered is not null)
            Fail(unanswered, _status);
    }

    protected RpcException Error() => new(_status, _response is null ? Metadata.Empty : Trailers(_response));

    private static Metadata Trailers(HttpResponseMessage response) =>
        HttpMetadata.Read(ResponseStatus.InHeaders(response) ? response.Headers : response.TrailingHeaders);

    private static Status DeadlineExceeded(Exception? exception) =>
        new(StatusCode.DeadlineExceeded, "The deadline passed before the call ended.", exception);

    // Reading the exception marks it as seen: the caller hears of it with the response, and need not await the headers too.
    private static void Fail(TaskCompletionSource<Metadata> headers, in Status status)
    {
        headers.TrySetException(new RpcException(status));
        _ = headers.Task.Exception;
    }

    // What is left of the deadline, as the server gets to see it; null without one.
    private string? StartTimer()
    {
        if (_deadline == DateTime.MaxValue)
            return null;
        TimeSpan left = _deadline - DateTime.UtcNow;
        if (left <= TimeSpan.Zero)
            throw new RpcException(DeadlineExceeded(null));
        if (left <= s_longestTimer)
            _cancellation.CancelAfter(left);
        return GrpcTimeout.Format(left);
    }

    private HttpRequestMessage NewRequest(RequestContent content, string? timeout)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, _channel.AddressOf(_method))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        HttpMetadata.Write(request.Headers, _headers, timeout);
        return request;
    }

    private void Accept(HttpResponseMessage response)
    {
        TaskCompletionSource<Metadata>? waiting;
        lock (_cancellation)
        {
            _response = response;
            waiting = _responseHeaders;
        }

        waiting?.TrySetResult(HttpMetadata.Read(response.Headers));
    }

    private void Cancel()
    {
        try
        {
            _cancellation.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The call ended on another thread just now; there is nothing left to cancel.
        }
    }
}
