namespace Grpc.Net.Client;

/// <summary>How a channel reaches its server.</summary>
public sealed class GrpcChannelOptions
{
    /// <summary>
    /// Sends the requests. Null: a <see cref="SocketsHttpHandler"/> that opens a further connection when the server's
    /// limit of concurrent calls on one is reached.
    /// </summary>
    public HttpMessageHandler? HttpHandler { get; set; }

    /// <summary>Sends the requests instead of <see cref="HttpHandler"/>; its timeout holds for the calls. Only one of the two may be set.</summary>
    public HttpClient? HttpClient { get; set; }

    /// <summary>Whether disposing the channel disposes the handler or client that it was given.</summary>
    public bool DisposeHttpClient { get; set; }

    /// <summary>The longest message taken, in bytes; null for no limit. A longer one fails its call with <c>ResourceExhausted</c>.</summary>
    public int? MaxReceiveMessageSize { get; set; } = 4 * 1024 * 1024;

    /// <summary>The longest message sent, in bytes; null for no limit. A longer one fails its call with <c>ResourceExhausted</c>.</summary>
    public int? MaxSendMessageSize { get; set; }
}
