using Grpc.Core;
using Grpc.Net.Client;
using Parley.TestKit.Grpc;

namespace Parley.Integration.Grpc;

[Collection(nameof(GrpcTestGroup))]
public sealed class StatusTests(PythonGrpcServer server) : IDisposable
{
    private readonly GrpcChannel _channel = GrpcChannel.ForAddress(server.OrSkip().Address);

    public static TheoryData<StatusCode> Failures { get; } = [.. Enum.GetValues<StatusCode>().Where(code => code != StatusCode.OK)];

    public void Dispose() => _channel.Dispose();

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Every_status_arrives_with_its_text_and_trailers(StatusCode code)
    {
        const string Text = "Größe 100 % – 文字\nline two";
        using AsyncUnaryCall<string> call = new ScriptClient(_channel).Unary(new
        {
            code = (int)code,
            message = Text,
            trailers = new Dictionary<string, object> { ["reason"] = "because", ["detail-bin"] = new { base64 = "AP8Q" } },
        });

        var thrown = await Assert.ThrowsAsync<RpcException>(async () => await call);

        Assert.Equal(code, thrown.StatusCode);
        Assert.Equal(Text, thrown.Status.Detail);
        Assert.Equal("because", thrown.Trailers.GetValue("reason"));
        Assert.Equal([0x00, 0xff, 0x10], thrown.Trailers.GetValueBytes("detail-bin")!);
        Assert.Equal(code, call.GetStatus().StatusCode);
        Assert.Equal("because", call.GetTrailers().GetValue("REASON"));
    }

    [Fact]
    public async Task A_status_after_response_headers_arrives_too()
    {
        using AsyncUnaryCall<string> call = new ScriptClient(_channel).Unary(
            new { headers = new { early = "yes" }, code = 9, message = "not now", trailers = new { late = "yes" } });

        Assert.Equal("yes", (await call.ResponseHeadersAsync).GetValue("early"));
        var thrown = await Assert.ThrowsAsync<RpcException>(async () => await call);
        Assert.Equal(StatusCode.FailedPrecondition, thrown.StatusCode);
        Assert.Equal("yes", thrown.Trailers.GetValue("late"));
        Assert.Null(thrown.Trailers.Get("early"));
    }

    [Fact]
    public async Task A_method_that_the_server_lacks_is_Unimplemented()
    {
        var thrown = await Assert.ThrowsAsync<RpcException>(async () => await new ScriptClient(_channel).Missing());
        Assert.Equal(StatusCode.Unimplemented, thrown.StatusCode);
    }

    [Fact]
    public async Task A_call_under_way_has_neither_status_nor_trailers()
    {
        using AsyncUnaryCall<string> call = new ScriptClient(_channel).Unary(new { sleep_ms = 5_000 });
        await Task.Yield();

        Assert.Throws<InvalidOperationException>(() => call.GetStatus());
        Assert.Throws<InvalidOperationException>(() => call.GetTrailers());
    }
}
