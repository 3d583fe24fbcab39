using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Parley.Engine.V1;
using Parley.TestKit.Grpc;

namespace Parley.Integration.Grpc;

/// <summary>The generated client of the engine contract, against an engine in Python that knows nothing but the contract.</summary>
public sealed class EngineClientTests(EngineClientTests.PythonEngine engine) : IClassFixture<EngineClientTests.PythonEngine>, IDisposable
{
    private readonly GrpcChannel _channel = GrpcChannel.ForAddress(engine.Server.OrSkip().Address);

    private McpEngine.McpEngineClient Client => new(_channel);

    public void Dispose() => _channel.Dispose();

    [Fact]
    public async Task A_turn_goes_to_the_engine_and_back()
    {
        ProcessMessageResponse answer = await Client.ProcessMessageAsync(
            Turn("Привет, мир 👋"), deadline: DateTime.UtcNow.AddSeconds(5), cancellationToken: TestContext.Current.CancellationToken);

        Assert.True(answer.Success);
        Assert.Equal(("m1", "c1", "acme"), (answer.MessageId, answer.ConversationId, answer.TenantId));
        Assert.Equal("Привет, мир 👋", answer.ResponseContent);
        Assert.Equal(4, answer.UpdatedContext.Fields["turns"].NumberValue);
        Assert.Equal("green", answer.UpdatedContext.Fields["colour"].StringValue);
    }

    [Fact]
    public async Task A_turn_streams_its_words_and_then_the_answer()
    {
        using AsyncServerStreamingCall<ProcessMessageChunk> call =
            Client.ProcessMessageStream(Turn("one two three"), cancellationToken: TestContext.Current.CancellationToken);
        List<ProcessMessageChunk> chunks = [];
        await foreach (ProcessMessageChunk chunk in call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken))
            chunks.Add(chunk);

        Assert.Equal(["one", "two", "three", ""], chunks.Select(chunk => chunk.Text));
        Assert.Equal("m1", chunks[^1].Response.MessageId);
    }

    [Fact]
    public async Task An_empty_request_and_its_answer_go_through()
    {
        HealthCheckResponse health = await Client.HealthCheckAsync(new HealthCheckRequest(), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(HealthCheckResponse.Types.Status.Serving, health.Status);
    }

    private static ProcessMessageRequest Turn(string text) => new()
    {
        RequestId = "r1",
        TenantId = "acme",
        ConversationId = "c1",
        Messages = { new Message { MessageId = "m1", Content = new Content { Type = "text", Text = text } } },
        Context = new Struct { Fields = { ["turns"] = Value.ForNumber(3), ["colour"] = Value.ForString("green") } },
    };

    public sealed class PythonEngine : IAsyncLifetime
    {
        public PythonGrpcServer Server { get; private set; } = new();

        public async ValueTask InitializeAsync() =>
            Server = await PythonGrpcServer.StartAsync("--engine", McpEngineReflection.Descriptor.SerializedData.ToBase64());

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
