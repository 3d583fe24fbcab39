using Confluent.Kafka;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Parley.Common.Records;

namespace Parley.LoadTest.Arms;

/// <summary>The ceiling of taking in: read the body, produce it, wait for the broker, answer 200. No signature, no reading, no record of ours.</summary>
internal static class KestrelArm
{
    public static async Task RunAsync(ArmSettings arm)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false).UseUrls($"http://127.0.0.1:{arm.Port}");
        var app = builder.Build();
        using var producer = Clients.Producer(arm);
        var number = 0;
        app.MapPost("/webhooks/{channel}/{account}", (RequestDelegate)(async http =>
        {
            var body = new byte[http.Request.ContentLength!.Value];
            await http.Request.Body.ReadExactlyAsync(body, http.RequestAborted);
            var key = BitConverter.GetBytes(Interlocked.Increment(ref number));
            await producer.SendAsync(Topics.Inbound, new Message<byte[], byte[]> { Key = key, Value = body });
            http.Response.ContentLength = 0;
        }));
        await app.RunAsync();
    }
}
