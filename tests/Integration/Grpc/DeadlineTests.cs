using System.Diagnostics;
using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using Parley.TestKit.Grpc;

namespace Parley.Integration.Grpc;

[Collection(nameof(GrpcTestGroup))]
public sealed class DeadlineTests(PythonGrpcServer server) : IDisposable
{
    private readonly GrpcChannel _channel = GrpcChannel.ForAddress(server.OrSkip().Address);

    private ScriptClient Client => new(_channel);

    public void Dispose() => _channel.Dispose();

    [Fact]
    public async Task A_call_ends_when_its_deadline_passes()
    {
        long started = Stopwatch.GetTimestamp();
        using AsyncUnaryCall<string> call = Client.Unary(new { sleep_ms = 5_000 }, In(TimeSpan.FromMilliseconds(100)));

        var thrown = await Assert.ThrowsAsync<RpcException>(async () => await call);

        Assert.Equal(StatusCode.DeadlineExceeded, thrown.StatusCode);
        Assert.Equal(StatusCode.DeadlineExceeded, call.GetStatus().StatusCode);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.FromMilliseconds(80), TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task The_server_is_told_how_much_time_is_left()
    {
        JsonElement answer = JsonDocument.Parse(await Client.Unary(new { }, In(TimeSpan.FromSeconds(30)))).RootElement;

        Assert.InRange(answer.GetProperty("time_left_ms").GetDouble(), 20_000, 30_100);
    }

    [Fact]
    public async Task A_deadline_of_many_days_is_told_too()
    {
        JsonElement answer = JsonDocument.Parse(await Client.Unary(new { }, In(TimeSpan.FromDays(100)))).RootElement;

        Assert.InRange(answer.GetProperty("time_left_ms").GetDouble(), TimeSpan.FromDays(99).TotalMilliseconds, TimeSpan.FromDays(101).TotalMilliseconds);
    }

    [Fact]
    public async Task Without_a_deadline_the_server_hears_of_none()
    {
        JsonElement answer = JsonDocument.Parse(await Client.Unary(new { }, new CallOptions(deadline: DateTime.MaxValue))).RootElement;

        Assert.Equal(JsonValueKind.Null, answer.GetProperty("time_left_ms").ValueKind);
    }

    [Fact]
    public async Task A_deadline_that_has_passed_fails_at_once()
    {
        var thrown = await Assert.ThrowsAsync<RpcException>(async () => await Client.Unary(new { }, In(TimeSpan.FromSeconds(-1))));
        Assert.Equal(StatusCode.DeadlineExceeded, thrown.StatusCode);
    }

    [Fact]
    public void A_deadline_in_local_time_is_a_mistake() =>
        Assert.Throws<InvalidOperationException>(() => Client.Unary(new { }, new CallOptions(deadline: DateTime.Now.AddSeconds(5))));

    [Fact]
    public async Task A_stream_ends_when_its_deadline_passes_after_what_came_before()
    {
        using AsyncServerStreamingCall<string> call = Client.Stream(new { count = 2, then_sleep_ms = 5_000 }, In(TimeSpan.FromMilliseconds(300)));

        Assert.True(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        Assert.True(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        var thrown = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        Assert.Equal(StatusCode.DeadlineExceeded, thrown.StatusCode);
    }

    [Fact]
    public async Task The_server_sees_the_end_of_a_stream_that_nobody_reads_when_its_deadline_passes()
    {
        string id = Guid.NewGuid().ToString();
        using AsyncServerStreamingCall<string> call = Client.Stream(new { count = 1, then_sleep_ms = 5_000, id }, In(TimeSpan.FromMilliseconds(200)));

        Assert.True(await Client.WasCancelledAsync(id));
    }

    private static CallOptions In(TimeSpan time) => new(deadline: DateTime.UtcNow + time);
}
