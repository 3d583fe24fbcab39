using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using Parley.TestKit.Grpc;

namespace Parley.Integration.Grpc;

[Collection(nameof(GrpcTestGroup))]
public sealed class UnaryCallTests(PythonGrpcServer server) : IDisposable
{
    private readonly GrpcChannel _channel = GrpcChannel.ForAddress(server.OrSkip().Address);

    private ScriptClient Client => new(_channel);

    public void Dispose() => _channel.Dispose();

    [Fact]
    public async Task A_call_returns_the_answer_and_the_status_OK()
    {
        using AsyncUnaryCall<string> call = Client.Unary(new { size = 10 });

        JsonElement answer = JsonDocument.Parse(await call).RootElement;

        Assert.Equal("xxxxxxxxxx", answer.GetProperty("padding").GetString());
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        Assert.Empty(call.GetTrailers());
    }

    [Fact]
    public void A_blocking_call_returns_the_answer() =>
        Assert.Contains("\"padding\": \"xxx\"", Client.UnaryBlocking(new { size = 3 }), StringComparison.Ordinal);

    [Fact]
    public async Task A_blocking_call_throws_the_status()
    {
        var thrown = await Assert.ThrowsAsync<RpcException>(() => Task.Run(() => Client.UnaryBlocking(new { code = 5, message = "gone" })));
        Assert.Equal(StatusCode.NotFound, thrown.StatusCode);
        Assert.Equal("gone", thrown.Status.Detail);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4_000)]
    [InlineData(4_091)]
    [InlineData(70_000)]
    [InlineData(3_000_000)]
    public async Task Answers_of_any_size_up_to_the_limit_arrive_whole(int size)
    {
        JsonElement answer = JsonDocument.Parse(await Client.Unary(new { size })).RootElement;

        Assert.Equal(size, answer.GetProperty("padding").GetString()!.Length);
    }

    [Fact]
    public async Task A_large_request_arrives_whole()
    {
        var wish = new { note = new string('y', 3_000_000) };
        JsonElement answer = JsonDocument.Parse(await Client.Unary(wish)).RootElement;

        Assert.Equal(JsonSerializer.Serialize(wish).Length, answer.GetProperty("length").GetInt32());
    }

    [Fact]
    public async Task An_answer_above_four_mebibytes_is_refused_by_default()
    {
        var thrown = await Assert.ThrowsAsync<RpcException>(async () => await Client.Unary(new { size = 4 * 1024 * 1024 }));
        Assert.Equal(StatusCode.ResourceExhausted, thrown.StatusCode);
    }

    [Fact]
    public async Task The_size_limits_are_settings()
    {
        using GrpcChannel channel = GrpcChannel.ForAddress(
            server.Address, new GrpcChannelOptions { MaxReceiveMessageSize = null, MaxSendMessageSize = 100 });
        var client = new ScriptClient(channel);

        Assert.True((await client.Unary(new { size = 5_000_000 })).Length > 5_000_000);
        var thrown = await Assert.ThrowsAsync<RpcException>(async () => await client.Unary(new { note = new string('y', 100) }));
        Assert.Equal(StatusCode.ResourceExhausted, thrown.StatusCode);
    }

    [Fact]
    public async Task A_request_that_cannot_be_written_fails_its_call()
    {
        Marshaller<string> broken = Marshallers.Create<string>(
            (_, _) => throw new InvalidOperationException("no bytes for this"), context => context.PayloadLength.ToString());
        var method = new Method<string, string>(MethodType.Unary, "parley.test.Script", "Unary", broken, broken);

        var thrown = await Assert.ThrowsAsync<RpcException>(
            async () => await _channel.CreateCallInvoker().AsyncUnaryCall(method, null, default, "{}"));

        Assert.Equal(StatusCode.Internal, thrown.StatusCode);
        Assert.Contains("no bytes for this", thrown.Status.Detail, StringComparison.Ordinal);
    }
}
