using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Parley.TestKit;

namespace Parley.Integration.Ingest;

/// <summary>Clients that hold connections and give nothing for it.</summary>
public sealed class LimitsTests
{
    [Fact]
    public async Task A_client_that_never_ends_its_headers_is_let_go()
    {
        await using var app = await IngestApp.StartAsync(Stop, new Dictionary<string, string> { ["Ingest:HeaderTimeout"] = "00:00:01" }, kind: null);
        using var socket = await ConnectAsync(app);
        await socket.SendAsync("GET / HTTP/1.1\r\nHost: x\r\nX-Slow:"u8.ToArray(), Stop);
        var answer = await ReadToEndAsync(socket).WaitAsync(TimeSpan.FromSeconds(10), Stop);
        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_beyond_the_limit_are_closed_and_free_ones_are_given_again()
    {
        await using var app = await IngestApp.StartAsync(Stop, new Dictionary<string, string> { ["Ingest:MaxConnections"] = "2" }, kind: null);
        using (var first = await ConnectAsync(app))
        using (var second = await ConnectAsync(app))
        {
            Assert.StartsWith("HTTP/1.1 200", await AskAsync(first), StringComparison.Ordinal);
            Assert.StartsWith("HTTP/1.1 200", await AskAsync(second), StringComparison.Ordinal);
            using var third = await ConnectAsync(app);
            Assert.Equal("", await AskAsync(third));
        }

        await Eventually.Until(
            async () =>
            {
                using var next = await ConnectAsync(app);
                return await AskAsync(next);
            },
            answer => answer.StartsWith("HTTP/1.1 200", StringComparison.Ordinal), Stop);
    }

    [Fact]
    public async Task Headers_without_end_are_refused()
    {
        await using var app = await IngestApp.StartAsync(Stop, kind: null);
        using var response = await app.SendAsync(HttpMethod.Get, "/api/v2/chat/conversations/x/history", Stop, new string('a', 100_000));
        Assert.InRange((int)response.StatusCode, 400, 499);
    }

    [Fact]
    public async Task An_open_stream_does_not_hold_up_the_end_of_the_host()
    {
        var app = await IngestApp.StartAsync(Stop, kind: null);
        var message = Messages.Text("hi", "stays", "stop-1");
        await app.AnswerAsync(message, "hello", Stop);
        using var response = await app.SendAsync(HttpMethod.Get, $"/api/v2/chat/conversations/{message.ConversationId}/stream", Stop, IngestApp.Token());
        var clock = Stopwatch.StartNew();
        await app.DisposeAsync();
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static async Task<Socket> ConnectAsync(IngestApp app)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", app.Address.Port, Stop);
        return socket;
    }

    // The first bytes of the answer, the connection staying open; "" when it was closed instead.
    private static async Task<string> AskAsync(Socket socket)
    {
        var buffer = new byte[4096];
        try
        {
            await socket.SendAsync("GET /api/v2/health/live HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), Stop);
            return Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, Stop));
        }
        catch (SocketException)
        {
            return "";
        }
    }

    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        for (int read; (read = await socket.ReceiveAsync(buffer, Stop)) > 0;) answer.Append(Encoding.ASCII.GetString(buffer, 0, read));
        return answer.ToString();
    }
}
