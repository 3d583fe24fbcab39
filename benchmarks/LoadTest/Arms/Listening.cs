using System.Net.Sockets;
using Parley.TestKit;

namespace Parley.LoadTest.Arms;

internal static class Listening
{
    /// <summary>Until a process listens on a port of 127.0.0.1, at most half a minute.</summary>
    public static Task AwaitAsync(int port, ArmProcess process, CancellationToken cancellation) => Eventually.Until(
        async () =>
        {
            if (process.HasExited) throw new BenchException($"a host ended while starting:\n{process.Output}");
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync("127.0.0.1", port, cancellation);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        },
        listens => listens,
        cancellation,
        TimeSpan.FromSeconds(30));

    /// <summary>Whether a host of Parley says that it is ready: its consumer has joined, its store answers.</summary>
    public static async Task<bool> IsReadyAsync(HttpClient http, int port, CancellationToken cancellation)
    {
        try
        {
            using var response = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/api/v2/health/ready"), cancellation);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // It does not listen yet.
            return false;
        }
    }
}
