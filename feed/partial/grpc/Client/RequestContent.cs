using System.Buffers;
using System.Net;
using Grpc.Core;

namespace Grpc.Net.Client;

// The body of a request: one message in a pooled buffer. The transport may still be writing it when the answer is
// complete, or write it a second time on another connection; so the buffer goes back when the last user is done.
internal sealed class RequestContent : HttpContent
{
    private readonly byte[] _buffer;
    private readonly int _length;
    private int _users = 1;

    private RequestContent(PayloadWriter writer)
    {
        (_buffer, _length) = writer.Finish();
        Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
    }

    public static RequestContent Write<T>(Marshaller<T> marshaller, T message, int? maxMessageSize)
    {
        var writer = new PayloadWriter(maxMessageSize);
        try
        {
            marshaller.ContextualSerializer(message, writer);
            return new RequestContent(writer);
        }
        catch (Exception e)
        {
            writer.Abandon();
            if (e is RpcException)
                throw;
            throw new RpcException(new Status(StatusCode.Internal, $"The request could not be written: {e.Message}", e));
        }
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            ArrayPool<byte>.Shared.Return(_buffer);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        Use();
        ValueTask writing = stream.WriteAsync(_buffer.AsMemory(0, _length), cancellationToken);
        if (!writing.IsCompletedSuccessfully)
            return ReleaseAfterAsync(writing);
        Release();
        return Task.CompletedTask;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return false;
    }

    private async Task ReleaseAfterAsync(ValueTask writing)
    {
        try
        {
            await writing.ConfigureAwait(false);
        }
        finally
        {
            Release();
        }
    }

    private void Use()
    {
        for (int users = Volatile.Read(ref _users); ;)
        {
            ObjectDisposedException.ThrowIf(users == 0, this);
            int seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
                return;
            users = seen;
        }
    }
}
