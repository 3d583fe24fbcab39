using System.Buffers.Binary;
using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Parley.Engine.V1;

namespace Parley.TestKit.Engine;

/// <summary>
/// A small gRPC server on the framework's HTTP/2 that speaks the engine's contract and misbehaves on command. It remembers every call, so
/// a test can say what the engine saw, and never sees two calls of one conversation at once without noticing.
/// </summary>
public sealed class FakeEngine : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, int> _inside = new();

    private FakeEngine(WebApplication app, int port) => (_app, Port) = (app, port);

    public int Port { get; }

    public string Address => $"http://127.0.0.1:{Port}";

    /// <summary>Calls in the order they came in.</summary>
    public ConcurrentQueue<ProcessMessageRequest> Calls { get; } = new();

    /// <summary>Whether <see cref="Calls"/> is kept; off for runs whose calls would fill the memory.</summary>
    public bool RemembersCalls { get; set; } = true;

    /// <summary>Conversations that were ever in the engine twice at once.</summary>
    public ConcurrentBag<string> Overlaps { get; } = [];

    /// <summary>How a call is answered; replace it to misbehave.</summary>
    public Func<ProcessMessageRequest, CancellationToken, Task<EngineAnswer>> Answer { get; set; } =
        static (request, _) => Task.FromResult(EngineAnswer.Text(request, $"echo: {request.Messages[^1].Content.Text}"));

    public static async Task<FakeEngine> StartAsync(CancellationToken cancellation, int? port = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var chosen = port ?? FreePort.Take();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.Http2.MaxStreamsPerConnection = 100;
            kestrel.ListenLocalhost(chosen, listen => listen.Protocols = HttpProtocols.Http2);
        });
        var app = builder.Build();
        var engine = new FakeEngine(app, chosen);
        app.MapPost("/parley.engine.v1.McpEngine/ProcessMessage", engine.ProcessAsync);
        app.MapPost("/parley.engine.v1.McpEngine/HealthCheck", engine.HealthAsync);
        await app.StartAsync(cancellation);
        return engine;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ProcessAsync(HttpContext http)
    {
        var request = ProcessMessageRequest.Parser.ParseFrom(await ReadAsync(http));
        if (RemembersCalls) Calls.Enqueue(request);
        var key = $"{request.TenantId}/{request.ConversationId}";
        if (_inside.AddOrUpdate(key, 1, static (_, n) => n + 1) > 1) Overlaps.Add(key);
        EngineAnswer answer;
        try
        {
            answer = await Answer(request, http.RequestAborted);
        }
        finally
        {
            _inside.AddOrUpdate(key, 0, static (_, n) => n - 1);
        }

        await WriteAsync(http, answer.Response, answer.Status, answer.Detail);
    }

    private async Task HealthAsync(HttpContext http)
    {
        await ReadAsync(http);
        await WriteAsync(http, new HealthCheckResponse { Status = HealthCheckResponse.Types.Status.Serving }, 0, "");
    }

    private static async Task<byte[]> ReadAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        return body.ToArray()[5..];
    }

    private static async Task WriteAsync(HttpContext http, IMessage? message, int status, string detail)
    {
        http.Response.ContentType = "application/grpc";
        http.Response.DeclareTrailer("grpc-status");
        if (message is not null)
        {
            var payload = message.ToByteArray();
            var frame = new byte[5 + payload.Length];
            BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), (uint)payload.Length);
            payload.CopyTo(frame, 5);
            await http.Response.Body.WriteAsync(frame, http.RequestAborted);
        }

        http.Response.AppendTrailer("grpc-status", status.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (detail.Length > 0) http.Response.AppendTrailer("grpc-message", Uri.EscapeDataString(detail));
    }
}

/// <summary>An answer of the fake: a response, or a gRPC status.</summary>
public sealed record EngineAnswer(ProcessMessageResponse? Response, int Status = 0, string Detail = "")
{
    public static EngineAnswer Text(ProcessMessageRequest request, string text) => new(new ProcessMessageResponse
    {
        Success = true,
        MessageId = request.Messages[^1].MessageId,
        TenantId = request.TenantId,
        ConversationId = request.ConversationId,
        ResponseContent = text,
        ResponseType = "text",
        ModelUsed = "fake",
    });

    public static EngineAnswer Failure(int status, string detail) => new(null, status, detail);
}
