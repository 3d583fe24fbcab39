using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using Parley.TestKit.Grpc;

namespace Parley.Integration.Grpc;

[Collection(nameof(GrpcTestGroup))]
public sealed class ConnectionTests(PythonGrpcServer server)
{
    [Fact]
    public async Task A_server_that_is_not_there_is_Unavailable()
    {
        using GrpcChannel channel = GrpcChannel.ForAddress($"http://127.0.0.1:{PythonGrpcServer.FreePort()}");
        var client = new ScriptClient(channel);

        var thrown = await Assert.ThrowsAsync<RpcException>(async () => await client.Unary(new { }));
        Assert.Equal(StatusCode.Unavailable, thrown.StatusCode);
        using AsyncServerStreamingCall<string> stream = client.Stream(new { });
        thrown = await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        Assert.Equal(StatusCode.Unavailable, thrown.StatusCode);
    }

    [Fact]
    public async Task A_server_that_dies_within_a_stream_is_Unavailable_and_found_again_when_it_is_back()
    {
        await using PythonGrpcServer dying = await PythonGrpcServer.StartAsync();
        using GrpcChannel channel = GrpcChannel.ForAddress(dying.OrSkip().Address);
        var client = new ScriptClient(channel);
        using AsyncServerStreamingCall<string> call = client.Stream(new { count = 2, then_sleep_ms = 5_000 });
        Assert.True(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        Assert.True(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));

        await dying.KillAsync();

        var thrown = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        Assert.Equal(StatusCode.Unavailable, thrown.StatusCode);
        thrown = await Assert.ThrowsAsync<RpcException>(async () => await client.Unary(new { }));
        Assert.Equal(StatusCode.Unavailable, thrown.StatusCode);
        await using PythonGrpcServer back = await PythonGrpcServer.StartAsync("--port", dying.Port.ToString(CultureInfo.InvariantCulture));
        Assert.NotEmpty(await AnsweredAsync(client));
    }

    [Fact]
    public async Task A_connection_that_takes_too_long_is_Unavailable()
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromMilliseconds(100),
            ConnectCallback = async (_, cancellation) =>
            {
                await Task.Delay(Timeout.Infinite, cancellation);
                return Stream.Null;
            },
        };
        using GrpcChannel channel = GrpcChannel.ForAddress(
            "http://127.0.0.1:1", new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });

        var thrown = await Assert.ThrowsAsync<RpcException>(async () => await new ScriptClient(channel).Unary(new { }));
        // Grpc.Net.Client says CANCELLED, though only when the caller makes the connections.
        Assert.True(thrown.StatusCode == (ScriptClient.OverStandIn ? StatusCode.Unavailable : StatusCode.Cancelled), thrown.Message);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    [InlineData("")]
    public async Task A_server_that_speaks_something_else_fails_the_call(string greeting)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task serving = ServeAsync();
        using GrpcChannel channel = GrpcChannel.ForAddress($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");

        var thrown = await Assert.ThrowsAsync<RpcException>(async () => await new ScriptClient(channel).Unary(new { }));
        // Which of the two depends on whether the greeting or the end of the connection is seen first.
        Assert.True(thrown.StatusCode is StatusCode.Unavailable or StatusCode.Internal, thrown.Message);
        listener.Stop();
        await serving;

        async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using TcpClient connection = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
                    await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(greeting), TestContext.Current.CancellationToken);
                }
            }
            catch (Exception e) when (e is SocketException or InvalidOperationException)
            {
                // The test is done: the listener was stopped while it waited, or before it waited again.
            }
        }
    }

    // The server takes 100 calls on a connection and holds every call until 150 have come.
    [Fact]
    public async Task More_calls_than_one_connection_takes_open_another()
    {
        using GrpcChannel channel = GrpcChannel.ForAddress(
            server.OrSkip().Address, new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true } });
        await AssertAllMeetAsync(new ScriptClient(channel));
    }

    [Fact]
    public async Task Several_connections_are_the_default()
    {
        using GrpcChannel channel = GrpcChannel.ForAddress(server.OrSkip().Address);
        await AssertAllMeetAsync(new ScriptClient(channel));
    }

    [Fact]
    public async Task A_channel_can_use_the_callers_HttpClient_and_leaves_it_alone()
    {
        using var http = new HttpClient();
        using (GrpcChannel channel = GrpcChannel.ForAddress(server.OrSkip().Address, new GrpcChannelOptions { HttpClient = http }))
            Assert.NotEmpty(await new ScriptClient(channel).Unary(new { }));

        using GrpcChannel second = GrpcChannel.ForAddress(server.Address, new GrpcChannelOptions { HttpClient = http });
        using AsyncServerStreamingCall<string> call = new ScriptClient(second).Stream(new { count = 1, then_sleep_ms = 5_000 });
        Assert.True(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Disposing_a_channel_disposes_a_handler_only_when_asked_to()
    {
        using var kept = new SocketsHttpHandler();
        using var given = new SocketsHttpHandler();

        Assert.NotEmpty(await CallOnceAsync(new GrpcChannelOptions { HttpHandler = kept }));
        Assert.NotEmpty(await CallOnceAsync(new GrpcChannelOptions { HttpHandler = kept }));
        Assert.NotEmpty(await CallOnceAsync(new GrpcChannelOptions { HttpHandler = given, DisposeHttpClient = true }));
        await Assert.ThrowsAsync<RpcException>(() => CallOnceAsync(new GrpcChannelOptions { HttpHandler = given }));
    }

    [Theory]
    [InlineData("not an address")]
    [InlineData("localhost:50051")]
    [InlineData("ftp://127.0.0.1:1")]
    public void An_address_that_is_none_is_refused_at_once(string address) =>
        Assert.ThrowsAny<Exception>(() => GrpcChannel.ForAddress(address).CreateCallInvoker());

    [Fact]
    public void A_channel_has_one_way_to_send()
    {
        using var http = new HttpClient();
        using var handler = new SocketsHttpHandler();
        Assert.ThrowsAny<ArgumentException>(
            () => GrpcChannel.ForAddress("http://127.0.0.1:1", new GrpcChannelOptions { HttpClient = http, HttpHandler = handler }));
    }

    private async Task<string> CallOnceAsync(GrpcChannelOptions options)
    {
        using GrpcChannel channel = GrpcChannel.ForAddress(server.OrSkip().Address, options);
        return await new ScriptClient(channel).Unary(new { });
    }

    // Grpc.Net.Client waits a second or so before it connects anew.
    private static async Task<string> AnsweredAsync(ScriptClient client)
    {
        for (DateTime limit = DateTime.UtcNow.AddSeconds(10); ;)
        {
            try
            {
                return await client.Unary(new { });
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable && DateTime.UtcNow < limit)
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }
    }

    private static async Task AssertAllMeetAsync(ScriptClient client)
    {
        AsyncUnaryCall<string>[] calls =
            [.. Enumerable.Range(0, 150).Select(_ => client.Unary(new { barrier = 150 }, new CallOptions(deadline: DateTime.UtcNow.AddSeconds(5))))];

        Assert.All(await Task.WhenAll(calls.Select(call => call.ResponseAsync)), Assert.NotEmpty);
    }
}
