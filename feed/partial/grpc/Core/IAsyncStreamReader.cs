namespace Grpc.Core;

/// <summary>The messages of a stream, one after the other.</summary>
public interface IAsyncStreamReader<out T>
{
    /// <summary>The message that the last <see cref="MoveNext"/> read.</summary>
    T Current { get; }

    /// <summary>Reads the next message: true when there is one, false when the stream has ended well.</summary>
    /// <exception cref="RpcException">The call did not succeed; all messages before that were given out.</exception>
    Task<bool> MoveNext(CancellationToken cancellationToken);
}
