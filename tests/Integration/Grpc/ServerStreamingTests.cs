using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using Parley.TestKit.Grpc;

namespace Parley.Integration.Grpc;

[Collection(nameof(GrpcTestGroup))]
public sealed class ServerStreamingTests(PythonGrpcServer server) : IDisposable
{
    private readonly GrpcChannel _channel = GrpcChannel.ForAddress(server.OrSkip().Address);

    private ScriptClient Client => new(_channel);

    public void Dispose() => _channel.Dispose();

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(500, 10)]
    [InlineData(20, 100_000)]
    public async Task All_messages_arrive_in_order(int count, int size)
    {
        using AsyncServerStreamingCall<string> call = Client.Stream(new { count, size });

        Assert.Equal(Enumerable.Range(0, count), await IndexesAsync(call));

        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        Assert.Empty(call.GetTrailers());
        Assert.False(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_status_comes_after_the_messages_before_it()
    {
        using AsyncServerStreamingCall<string> call = Client.Stream(
            new { headers = new { model = "m1" }, count = 3, code = 8, message = "enough", trailers = new { retry = "later" } });
        List<int> received = [];

        var thrown = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await foreach (string message in call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken))
                received.Add(Index(message));
        });

        Assert.Equal([0, 1, 2], received);
        Assert.Equal(StatusCode.ResourceExhausted, thrown.StatusCode);
        Assert.Equal("enough", thrown.Status.Detail);
        Assert.Equal("later", thrown.Trailers.GetValue("retry"));
        Assert.Equal("m1", (await call.ResponseHeadersAsync).GetValue("model"));
        await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_status_without_any_message_arrives()
    {
        using AsyncServerStreamingCall<string> call = Client.Stream(new { code = 7 });

        var thrown = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        Assert.Equal(StatusCode.PermissionDenied, thrown.StatusCode);
    }

    [Fact]
    public async Task Reading_twice_at_a_time_is_a_mistake()
    {
        using AsyncServerStreamingCall<string> call = Client.Stream(new { count = 1, then_sleep_ms = 5_000 });
        Assert.True(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        Task<bool> waiting = call.ResponseStream.MoveNext(TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<InvalidOperationException>(() => call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        Assert.False(waiting.IsCompleted);
    }

    [Fact]
    public async Task A_message_above_the_limit_ends_the_stream()
    {
        using GrpcChannel channel = GrpcChannel.ForAddress(server.Address, new GrpcChannelOptions { MaxReceiveMessageSize = 1_000 });
        using AsyncServerStreamingCall<string> call = new ScriptClient(channel).Stream(new { count = 2, size = 2_000 });

        var thrown = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        Assert.Equal(StatusCode.ResourceExhausted, thrown.StatusCode);
    }

    [Fact]
    public async Task A_slow_reader_gets_every_message_of_a_fast_server()
    {
        using AsyncServerStreamingCall<string> call = Client.Stream(new { count = 200, size = 20_000 });
        List<int> received = [];
        await foreach (string message in call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            await Task.Yield();
            received.Add(Index(message));
        }

        Assert.Equal(Enumerable.Range(0, 200), received);
    }

    private static async Task<List<int>> IndexesAsync(AsyncServerStreamingCall<string> call)
    {
        List<int> indexes = [];
        await foreach (string message in call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken))
            indexes.Add(Index(message));
        return indexes;
    }

    private static int Index(string message) => JsonDocument.Parse(message).RootElement.GetProperty("index").GetInt32();
}
