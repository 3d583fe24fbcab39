using Grpc.Core;

namespace Grpc.Net.Client;

// One request, many responses. Whoever ends the call gives the reader's buffer back, and a call that is being read is
// ended by its reader only: cancelling it makes the read return.
internal sealed class ServerStreamingCall<TRequest, TResponse>(GrpcChannel channel, Method<TRequest, TResponse> method, in CallOptions options)
    : HttpCall<TRequest, TResponse>(channel, method, options), IAsyncStreamReader<TResponse>
    where TRequest : class
    where TResponse : class
{
    private volatile FrameReader? _body;
    private Task _opening = Task.CompletedTask;
    private TResponse? _current;
    private bool _reading;

    public TResponse Current => _current ?? throw new InvalidOperationException("There is no message: call MoveNext first.");

    public void Start(TRequest request)
    {
        Cancelled.UnsafeRegister(static call => ((ServerStreamingCall<TRequest, TResponse>)call!).EndUnlessReading(), this);
        _opening = StartAsync(request);
    }

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static call => ((ServerStreamingCall<TRequest, TResponse>)call!).CancelByCaller(), this);

        await _opening.ConfigureAwait(false);
        if (TryStartReading() && await ReadAsync().ConfigureAwait(false))
            return true;

        _current = null;
        return GetStatus().StatusCode == StatusCode.OK ? false : throw Error();
    }

    // Never fails: the status says what happened.
    private async Task StartAsync(TRequest request)
    {
        try
        {
            _body = await OpenAsync(request).ConfigureAwait(false);
            if (_body is null)
                End(ReceivedStatus(Frame.End));
            else if (Cancelled.IsCancellationRequested)
                EndUnlessReading();
        }
        catch (Exception e)
        {
            End(StatusOf(e));
        }
    }

    private async ValueTask<bool> ReadAsync()
    {
        FrameReader body = _body!;
        Status status;
        try
        {
            Frame frame = await body.ReadAsync(Cancelled).ConfigureAwait(false);
            if (frame == Frame.Message)
            {
                _current = ReadMessage(body);
                if (StopReading())
                    return true;
            }

            status = frame == Frame.Message ? CancelledStatus() : ReceivedStatus(frame);
        }
        catch (Exception e)
        {
            status = StatusOf(e);
        }

        End(status);
        body.Release();
        return false;
    }

    private bool TryStartReading()
    {
        lock (Gate)
        {
            if (_reading)
                throw new InvalidOperationException("The next message is being read already; await that first.");
            return _reading = !Ended;
        }
    }

    // False when the call was cancelled while a message was being read: the cancellation left the ending to the reader.
    private bool StopReading()
    {
        lock (Gate)
            return !(_reading = Cancelled.IsCancellationRequested);
    }

    private void EndUnlessReading()
    {
        FrameReader? body = _body;
        lock (Gate)
        {
            if (body is null || _reading || !TryEnd(CancelledStatus()))
                return;
        }

        CleanUp();
        body.Release();
    }

    private void End(in Status status)
    {
        bool ended;
        lock (Gate)
        {
            _reading = false;
            ended = TryEnd(status);
        }

        if (ended)
            CleanUp();
    }
}
