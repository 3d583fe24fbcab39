using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;

namespace Parley.Integration.Grpc;

// A client of the scripted service of grpc_server.py, written by hand as Grpc.Tools would: a wish is what its page lists.
internal sealed class ScriptClient(ChannelBase channel)
{
    private static readonly Method<string, string> s_unary = NewMethod(MethodType.Unary, "Unary");
    private static readonly Method<string, string> s_stream = NewMethod(MethodType.ServerStreaming, "Stream");
    private static readonly Method<string, string> s_cancelled = NewMethod(MethodType.Unary, "Cancelled");
    private static readonly Method<string, string> s_missing = NewMethod(MethodType.Unary, "Missing");

    // Whether these tests run against feed/partial/grpc, or against Grpc.Net.Client.
    public static bool OverStandIn { get; } = typeof(GrpcChannel).Assembly.GetName().Name != "Grpc.Net.Client";

    private readonly CallInvoker _invoker = channel.CreateCallInvoker();

    public AsyncUnaryCall<string> Unary(object wish, CallOptions options = default) =>
        _invoker.AsyncUnaryCall(s_unary, null, options, JsonSerializer.Serialize(wish));

    public string UnaryBlocking(object wish) =>
        _invoker.BlockingUnaryCall(s_unary, null, default, JsonSerializer.Serialize(wish));

    public AsyncServerStreamingCall<string> Stream(object wish, CallOptions options = default) =>
        _invoker.AsyncServerStreamingCall(s_stream, null, options, JsonSerializer.Serialize(wish));

    // Returns when the server saw the call with this id cancelled, or after five seconds.
    public async Task<bool> WasCancelledAsync(string id)
    {
        string answer = await _invoker.AsyncUnaryCall(s_cancelled, null, default, JsonSerializer.Serialize(new { id }));
        return JsonDocument.Parse(answer).RootElement.GetProperty("cancelled").GetBoolean();
    }

    public AsyncUnaryCall<string> Missing() => _invoker.AsyncUnaryCall(s_missing, null, default, "{}");

    private static Method<string, string> NewMethod(MethodType type, string name) =>
        new(type, "parley.test.Script", name, Marshallers.StringMarshaller, Marshallers.StringMarshaller);
}
