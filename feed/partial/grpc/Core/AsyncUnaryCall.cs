using System.Runtime.CompilerServices;

namespace Grpc.Core;

/// <summary>A call with one message each way. It can be awaited; disposing it cancels it when it is still under way.</summary>
public sealed class AsyncUnaryCall<TResponse> : IDisposable
{
    private readonly CallState _call;

    /// <summary>A call that somebody else runs.</summary>
    public AsyncUnaryCall(
        Task<TResponse> responseAsync,
        Task<Metadata> responseHeadersAsync,
        Func<Status> getStatusFunc,
        Func<Metadata> getTrailersFunc,
        Action disposeAction)
        : this(responseAsync, new DelegatedCall(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction))
    {
    }

    internal AsyncUnaryCall(Task<TResponse> responseAsync, CallState call)
    {
        ResponseAsync = responseAsync;
        _call = call;
    }

    /// <summary>The response; fails with <see cref="RpcException"/>.</summary>
    public Task<TResponse> ResponseAsync { get; }

    /// <summary>The headers of the response, which come before the message.</summary>
    public Task<Metadata> ResponseHeadersAsync => _call.ResponseHeadersAsync;

    /// <summary>Makes the call awaitable.</summary>
    public TaskAwaiter<TResponse> GetAwaiter() => ResponseAsync.GetAwaiter();

    /// <summary>Awaits the response as <see cref="Task.ConfigureAwait(bool)"/> does.</summary>
    public ConfiguredTaskAwaitable<TResponse> ConfigureAwait(bool continueOnCapturedContext) =>
        ResponseAsync.ConfigureAwait(continueOnCapturedContext);

    /// <summary>How the call ended.</summary>
    /// <exception cref="InvalidOperationException">It has not ended.</exception>
    public Status GetStatus() => _call.GetStatus();

    /// <summary>What came after the message.</summary>
    /// <exception cref="InvalidOperationException">The call has not ended, or no answer came.</exception>
    public Metadata GetTrailers() => _call.GetTrailers();

    /// <summary>Ends the call. Whoever does that before awaiting it does not hear how it ended.</summary>
    public void Dispose()
    {
        _call.Dispose();
        if (!ResponseAsync.IsCompletedSuccessfully)
        {
            ResponseAsync.ContinueWith(
                static response => _ = response.Exception,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }
}
