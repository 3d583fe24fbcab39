using System.Net.Sockets;
using Parley.Dispatcher.Sending;

namespace Parley.Dispatcher.Channels;

/// <summary>
/// A connection that looks at the clock once more between the HTTP client and the system. What the client was given lies in its buffer for a while, and is encrypted;
/// a process that is stopped just then, and goes on when its attempt's time is over, would put its message behind those that were sent since.
/// </summary>
internal sealed class LastLook : NetworkStream
{
    private static readonly AsyncLocal<FirstByte?> Attempt = new();

    private LastLook(Socket socket) : base(socket, ownsSocket: true)
    {
    }

    /// <summary>From here on, what is written in the caller's flow is written for this attempt.</summary>
    public static void Watch(FirstByte attempt) => Attempt.Value = attempt;

    /// <summary>For <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    public static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellation);
            return new LastLook(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // Before an attempt has begun, the client greets the server: nothing of a message.
        if (Attempt.Value is { HasBegun: true } attempt && !attempt.TryWrite()) throw new IOException("its time was over before the system had it");
        return base.WriteAsync(buffer, cancellationToken);
    }
}
