using System.Net;
using System.Net.Sockets;

namespace Parley.Standalone.Serving;

/// <summary>The socket to listen on, bound before anything else starts: a port in use is said at once, and the address of port 0 is known to the settings.</summary>
internal static class ListenSocket
{
    /// <exception cref="CannotStartException">The address is not one of this machine, or the port is taken.</exception>
    public static Socket Bind(string host, int port)
    {
        if (port is < 0 or > 65535) throw new CannotStartException($"{port} is not a port (--port)");
        if (!IPAddress.TryParse(host == "localhost" ? "127.0.0.1" : host, out var address)) throw new CannotStartException($"'{host}' is not an address to listen on (--host)");

        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));

            // Bound alone is not taken: until somebody listens, the system lets another process bind the same port.
            socket.Listen();
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new CannotStartException(
                e.SocketErrorCode == SocketError.AddressAlreadyInUse
                    ? $"port {port} is in use (--port; 0 takes any free one)"
                    : $"cannot listen on {host}:{port} (--host, --port): {e.Message}",
                e);
        }
    }
}
