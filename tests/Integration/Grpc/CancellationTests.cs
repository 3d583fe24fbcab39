using Grpc.Core;
using Grpc.Net.Client;
using Parley.TestKit.Grpc;

namespace Parley.Integration.Grpc;

[Collection(nameof(GrpcTestGroup))]
public sealed class CancellationTests(PythonGrpcServer server) : IDisposable
{
    private readonly GrpcChannel _channel = GrpcChannel.ForAddress(server.OrSkip().Address);
    private readonly string _id = Guid.NewGuid().ToString();

    private ScriptClient Client => new(_channel);

    public void Dispose() => _channel.Dispose();

    [Fact]
    public async Task Cancelling_ends_the_call_here_and_at_the_server()
    {
        using var cancel = new CancellationTokenSource();
        using AsyncUnaryCall<string> call = Client.Unary(
            new { headers = new { started = "yes" }, sleep_ms = 5_000, id = _id }, new CallOptions(cancellationToken: cancel.Token));
        await call.ResponseHeadersAsync;
        await cancel.CancelAsync();

        await AssertCancelledAsync(call);
        Assert.True(await Client.WasCancelledAsync(_id));
    }

    [Fact]
    public async Task A_token_that_was_cancelled_before_fails_the_call_at_once()
    {
        var thrown = await Assert.ThrowsAsync<RpcException>(
            async () => await Client.Unary(new { }, new CallOptions(cancellationToken: new CancellationToken(canceled: true))));
        Assert.Equal(StatusCode.Cancelled, thrown.StatusCode);
    }

    [Fact]
    public async Task Disposing_a_call_cancels_it_at_the_server()
    {
        AsyncUnaryCall<string> call = Client.Unary(new { headers = new { started = "yes" }, sleep_ms = 5_000, id = _id });
        await call.ResponseHeadersAsync;
        call.Dispose();

        await AssertCancelledAsync(call);
        Assert.True(await Client.WasCancelledAsync(_id));
    }

    [Fact]
    public async Task Disposing_a_stream_cancels_it_at_the_server()
    {
        AsyncServerStreamingCall<string> call = Client.Stream(new { count = 1, then_sleep_ms = 5_000, id = _id });
        Assert.True(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        call.Dispose();

        Assert.True(await Client.WasCancelledAsync(_id));
        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Cancelling_a_read_ends_the_stream_here_and_at_the_server()
    {
        using var cancel = new CancellationTokenSource();
        using AsyncServerStreamingCall<string> call = Client.Stream(new { count = 1, then_sleep_ms = 5_000, id = _id });
        Assert.True(await call.ResponseStream.MoveNext(cancel.Token));
        Task<bool> next = call.ResponseStream.MoveNext(cancel.Token);
        await cancel.CancelAsync();

        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => next)).StatusCode);
        Assert.True(await Client.WasCancelledAsync(_id));
    }

    [Fact]
    public async Task Cancelling_a_stream_between_two_reads_ends_it_at_the_server()
    {
        using var cancel = new CancellationTokenSource();
        using AsyncServerStreamingCall<string> call = Client.Stream(
            new { count = 1, then_sleep_ms = 5_000, id = _id }, new CallOptions(cancellationToken: cancel.Token));
        Assert.True(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        await cancel.CancelAsync();

        Assert.True(await Client.WasCancelledAsync(_id));
        var thrown = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        Assert.Equal(StatusCode.Cancelled, thrown.StatusCode);
    }

    [Fact]
    public async Task Disposing_the_channel_cancels_its_calls_and_ends_it()
    {
        GrpcChannel channel = GrpcChannel.ForAddress(server.Address);
        var client = new ScriptClient(channel);
        AsyncUnaryCall<string> call = client.Unary(new { headers = new { started = "yes" }, sleep_ms = 5_000, id = _id });
        await call.ResponseHeadersAsync;
        channel.Dispose();
        channel.Dispose();

        await AssertCancelledAsync(call);
        Assert.True(await Client.WasCancelledAsync(_id));
        Assert.Throws<ObjectDisposedException>(() => client.Unary(new { }));
        Assert.Throws<ObjectDisposedException>(() => channel.CreateCallInvoker());
    }

    [Fact]
    public async Task Cancelling_one_call_leaves_its_neighbours_on_the_connection_alone()
    {
        using var cancel = new CancellationTokenSource();
        AsyncUnaryCall<string>[] calls =
        [
            .. Enumerable.Range(0, 20).Select(i => Client.Unary(
                new { headers = new { started = "yes" }, sleep_ms = 100 }, new CallOptions(cancellationToken: i % 2 == 0 ? cancel.Token : default))),
        ];
        await Task.WhenAll(calls.Select(call => call.ResponseHeadersAsync));
        await cancel.CancelAsync();

        for (int i = 0; i < calls.Length; i++)
        {
            if (i % 2 == 0)
                await AssertCancelledAsync(calls[i]);
            else
                Assert.NotEmpty(await calls[i]);
        }
    }

    // Grpc.Net.Client sometimes says how its connection noticed instead: INTERNAL or UNAVAILABLE.
    private static async Task AssertCancelledAsync(AsyncUnaryCall<string> call)
    {
        var thrown = await Assert.ThrowsAsync<RpcException>(async () => await call);
        if (ScriptClient.OverStandIn)
            Assert.Equal(StatusCode.Cancelled, thrown.StatusCode);
    }
}
