using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Parley.TestKit;

/// <summary>Ports of 127.0.0.1 that nobody listens on, each given out once by this process.</summary>
public static class FreePort
{
    private static readonly ConcurrentDictionary<int, byte> Given = new();

    public static int Take()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            if (Given.TryAdd(port, 0)) return port;
        }
    }
}
