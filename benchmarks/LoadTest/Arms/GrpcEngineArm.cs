using System.Buffers.Binary;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Parley.Engine.V1;

namespace Parley.LoadTest.Arms;

/// <summary>An engine of the wire contract on the framework's HTTP/2, that waits and echoes the text.</summary>
internal static class GrpcEngineArm
{
    private const int FramePrefix = 5;

    public static Task RunAsync(ArmSettings arm)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(arm.Port, listen => listen.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        var park = new Park(arm.LatencyMs);
        app.MapPost("/parley.engine.v1.McpEngine/ProcessMessage", (RequestDelegate)(async http =>
        {
            var request = ProcessMessageRequest.Parser.ParseFrom(await ReadAsync(http));
            await park.WaitAsync();
            await WriteAsync(http, ParkEngine.Answer(request));
        }));
        app.MapPost("/parley.engine.v1.McpEngine/HealthCheck", (RequestDelegate)(async http =>
        {
            await ReadAsync(http);
            await WriteAsync(http, new HealthCheckResponse { Status = HealthCheckResponse.Types.Status.Serving });
        }));
        return app.RunAsync();
    }

    private static async Task<byte[]> ReadAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        return body.ToArray()[FramePrefix..];
    }

    private static async Task WriteAsync(HttpContext http, IMessage message)
    {
        http.Response.ContentType = "application/grpc";
        var frame = new byte[FramePrefix + message.CalculateSize()];
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), (uint)(frame.Length - FramePrefix));
        message.WriteTo(frame.AsSpan(FramePrefix));
        await http.Response.Body.WriteAsync(frame, http.RequestAborted);
        http.Response.AppendTrailer("grpc-status", "0");
    }
}
