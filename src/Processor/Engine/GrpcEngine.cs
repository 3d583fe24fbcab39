using Grpc.Core;
using Grpc.Net.Client;
using Parley.Engine.V1;

namespace Parley.Processor.Engine;

/// <summary>An engine behind gRPC. One channel for all turns; further connections open when one has no stream left.</summary>
public sealed class GrpcEngine : IEngine, IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly McpEngine.McpEngineClient _client;

    /// <param name="address">http(s)://host:port; plain http speaks HTTP/2 from the first byte.</param>
    public GrpcEngine(string address)
    {
        _channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                // Servers allow about 100 streams a connection, less than the permits of one processor.
                EnableMultipleHttp2Connections = true,
                PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
                ConnectTimeout = TimeSpan.FromSeconds(2),

                // Finds a peer that went away without a word.
                KeepAlivePingDelay = TimeSpan.FromSeconds(30),
                KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
                KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            },
            DisposeHttpClient = true,
        });
        _client = new McpEngine.McpEngineClient(_channel);
    }

    public async Task<ProcessMessageResponse> ProcessAsync(ProcessMessageRequest request, DateTime deadline, CancellationToken cancellation)
    {
        using var call = _client.ProcessMessageAsync(request, deadline: deadline, cancellationToken: cancellation);
        return await call.ResponseAsync;
    }

    public async Task<bool> IsServingAsync(DateTime deadline, CancellationToken cancellation)
    {
        try
        {
            using var call = _client.HealthCheckAsync(new HealthCheckRequest(), deadline: deadline, cancellationToken: cancellation);
            return (await call.ResponseAsync).Status == HealthCheckResponse.Types.Status.Serving;
        }
        catch (RpcException)
        {
            return false;
        }
    }

    public void Dispose() => _channel.Dispose();
}
