using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using Parley.TestKit.Grpc;

namespace Parley.Integration.Grpc;

[Collection(nameof(GrpcTestGroup))]
public sealed class MetadataTests(PythonGrpcServer server) : IDisposable
{
    private readonly GrpcChannel _channel = GrpcChannel.ForAddress(server.OrSkip().Address);

    private ScriptClient Client => new(_channel);

    public void Dispose() => _channel.Dispose();

    [Fact]
    public async Task Request_metadata_reaches_the_server_in_order_text_and_bytes()
    {
        Metadata headers = new() { { "Tenant", "acme" }, { "note", "one" }, { "note", "two" }, { "key-bin", [0, 1, 254, 255, 10] }, { "none-bin", [] } };

        (string Key, string Value)[] received = Received(await Client.Unary(new { }, new CallOptions(headers)));

        Assert.Contains(("tenant", "acme"), received);
        Assert.Equal(["one", "two"], received.Where(entry => entry.Key == "note").SelectMany(entry => entry.Value.Split(", ")));
        Assert.Contains(("key-bin", Convert.ToBase64String([0, 1, 254, 255, 10])), received);
        Assert.Contains(("none-bin", ""), received);
    }

    [Fact]
    public async Task A_call_says_who_it_comes_from()
    {
        (string Key, string Value)[] received = Received(await Client.Unary(new { }));

        Assert.StartsWith("grpc-", Assert.Single(received, entry => entry.Key == "user-agent").Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Response_headers_arrive_before_the_message_text_and_bytes()
    {
        using AsyncUnaryCall<string> call = Client.Unary(new
        {
            headers = new Dictionary<string, object>
            {
                ["server-name"] = "python",
                ["list"] = new[] { "a", "b" },
                ["some-bin"] = new[] { new { base64 = "AA==" }, new { base64 = "AAE=" }, new { base64 = "AAEC" } },
            },
            sleep_ms = 100,
        });

        Metadata headers = await call.ResponseHeadersAsync;

        Assert.False(call.ResponseAsync.IsCompleted);
        Assert.Equal("python", headers.GetValue("server-name"));
        Assert.Equal(["a", "b"], headers.GetAll("list").SelectMany(entry => entry.Value.Split(", ")));
        Assert.Equal([[0], [0, 1], [0, 1, 2]], headers.GetAll("some-bin").Select(entry => entry.ValueBytes));
        Assert.DoesNotContain(headers, entry => entry.Key is "content-type" or "grpc-encoding" or "grpc-accept-encoding");
        await call;
        Assert.Same(headers, await call.ResponseHeadersAsync);
    }

    [Fact]
    public async Task Response_headers_of_a_call_that_never_got_an_answer_fail_with_its_status()
    {
        using var cancel = new CancellationTokenSource();
        using AsyncUnaryCall<string> call = Client.Unary(new { sleep_ms = 5_000 }, new CallOptions(cancellationToken: cancel.Token));
        Task<Metadata> headers = call.ResponseHeadersAsync;
        await cancel.CancelAsync();

        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => headers)).StatusCode);
        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(async () => await call)).StatusCode);
    }

    [Fact]
    public void Metadata_refuses_what_cannot_be_sent()
    {
        Metadata metadata = [];

        Assert.Throws<ArgumentException>(() => metadata.Add("white space", "x"));
        Assert.Throws<ArgumentException>(() => metadata.Add("text-bin", "x"));
        Assert.Throws<ArgumentException>(() => metadata.Add("bytes", [1]));
        Assert.Throws<ArgumentNullException>(() => metadata.Add("key", (string)null!));
        Assert.Throws<InvalidOperationException>(() => Metadata.Empty.Add("key", "x"));
        Assert.Empty(metadata);
    }

    [Fact]
    public void Metadata_is_a_list_that_ignores_letter_case()
    {
        Metadata metadata = new() { { "One", "1" }, { "two-bin", [2] }, { "one", "11" } };

        Assert.Equal(["one", "two-bin", "one"], metadata.Select(entry => entry.Key));
        Assert.Equal("11", metadata.GetValue("ONE"));
        Assert.Equal(["1", "11"], metadata.GetAll("one").Select(entry => entry.Value));
        Assert.Equal([2], metadata.GetValueBytes("Two-Bin")!);
        Assert.Equal("1"u8, metadata[0].ValueBytes);
        Assert.Null(metadata.Get("three"));
        Assert.True(metadata[1].IsBinary);
        Assert.Throws<InvalidOperationException>(() => metadata[1].Value);
        metadata.RemoveAt(1);
        Assert.Equal(2, metadata.Count);
    }

    private static (string Key, string Value)[] Received(string answer) =>
        [.. JsonDocument.Parse(answer).RootElement.GetProperty("metadata").EnumerateArray().Select(entry => (entry[0].GetString()!, entry[1].GetString()!))];
}
