using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Parley.LoadTest.Http;

/// <summary>The channel's API at the end of the pipeline: takes every message, and remembers when the message of each number came.</summary>
internal sealed class ChannelSink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly long[] _at;
    private readonly Task _accepting;
    private int _arrived;
    private int _repeated;
    private int _ids;

    /// <param name="messages">Numbers from 0 that may come.</param>
    public ChannelSink(int messages)
    {
        _at = new long[messages];
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Address => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>Numbers whose message has come.</summary>
    public int Arrived => Volatile.Read(ref _arrived);

    /// <summary>Messages that came a second time: a customer would see them twice.</summary>
    public int Repeated => Volatile.Read(ref _repeated);

    /// <summary>When a message came, as a timestamp of <see cref="Stopwatch"/>; 0 when it did not.</summary>
    public long ArrivedAt(int number) => Volatile.Read(ref _at[number]);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true) connections.Add(ServeAsync(await _listener.AcceptSocketAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            socket.NoDelay = true;
            var request = new HttpMessage(socket);
            try
            {
                while (await request.ReadAsync(_stop.Token))
                {
                    Note(WebhookRequests.Find(BodyOf(request.Bytes)));
                    await socket.SendAsync(Answer(), _stop.Token);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // The dispatcher was stopped, or we are.
            }
        }
    }

    private void Note(int number)
    {
        if (number < 0 || number >= _at.Length) return;
        if (Interlocked.CompareExchange(ref _at[number], Stopwatch.GetTimestamp(), 0) == 0) Interlocked.Increment(ref _arrived);
        else Interlocked.Increment(ref _repeated);
    }

    private byte[] Answer()
    {
        var body = string.Create(CultureInfo.InvariantCulture, $"{{\"messaging_product\":\"whatsapp\",\"messages\":[{{\"id\":\"wamid.out{Interlocked.Increment(ref _ids)}\",\"message_status\":\"accepted\"}}]}}");
        return Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
    }

    private static ReadOnlySpan<byte> BodyOf(ReadOnlySpan<byte> message) => message[(message.IndexOf("\r\n\r\n"u8) + 4)..];
}
