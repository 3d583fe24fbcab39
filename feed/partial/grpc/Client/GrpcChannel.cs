using System.Collections.Concurrent;
using System.Net;
using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>
/// The way to one server, over HTTP/2: in the clear for <c>http</c>, with TLS for <c>https</c>. It is meant to live
/// as long as the process; connections open when calls need them.
/// </summary>
public sealed class GrpcChannel : ChannelBase, IDisposable
{
    private readonly Uri _address;
    private readonly HttpMessageInvoker _sender;
    private readonly bool _ownsSender;
    private readonly ConcurrentDictionary<IMethod, Uri> _methodAddresses = new(ReferenceEqualityComparer.Instance);
    private readonly CancellationTokenSource _disposing = new();
    private int _disposed;

    private GrpcChannel(Uri address, GrpcChannelOptions options)
        : base(address.Authority)
    {
        if (options.HttpClient is not null && options.HttpHandler is not null)
            throw new ArgumentException("Only one of HttpClient and HttpHandler may be set.", nameof(options));

        _address = address;
        _sender = options.HttpClient
            ?? new HttpMessageInvoker(options.HttpHandler ?? NewHandler(), options.HttpHandler is null || options.DisposeHttpClient);
        _ownsSender = options.HttpClient is null || options.DisposeHttpClient;
        MaxReceiveMessageSize = options.MaxReceiveMessageSize;
        MaxSendMessageSize = options.MaxSendMessageSize;
        Disposing = _disposing.Token;
    }

    internal int? MaxReceiveMessageSize { get; }

    internal int? MaxSendMessageSize { get; }

    internal CancellationToken Disposing { get; }

    /// <summary>A channel with the default settings.</summary>
    /// <exception cref="ArgumentException">The address is not an absolute http or https one.</exception>
    public static GrpcChannel ForAddress(string address) => ForAddress(address, new GrpcChannelOptions());

    /// <summary>A channel with settings.</summary>
    /// <exception cref="ArgumentException">The address is not an absolute http or https one, or the settings contradict each other.</exception>
    public static GrpcChannel ForAddress(string address, GrpcChannelOptions channelOptions)
    {
        ArgumentNullException.ThrowIfNull(address);
        return Uri.TryCreate(address, UriKind.Absolute, out Uri? uri)
            ? ForAddress(uri, channelOptions)
            : throw NotAnAddress(address);
    }

    /// <summary>A channel with the default settings.</summary>
    /// <exception cref="ArgumentException">The address is not an absolute http or https one.</exception>
    public static GrpcChannel ForAddress(Uri address) => ForAddress(address, new GrpcChannelOptions());

    /// <summary>A channel with settings.</summary>
    /// <exception cref="ArgumentException">The address is not an absolute http or https one, or the settings contradict each other.</exception>
    public static GrpcChannel ForAddress(Uri address, GrpcChannelOptions channelOptions)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(channelOptions);
        if (!address.IsAbsoluteUri || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
            throw NotAnAddress(address.OriginalString);
        return new GrpcChannel(address, channelOptions);
    }

    /// <inheritdoc />
    public override CallInvoker CreateCallInvoker()
    {
        ThrowIfDisposed();
        return new HttpCallInvoker(this);
    }

    /// <summary>Cancels the calls in flight and closes the connections.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _disposing.Cancel();
        if (_ownsSender)
            _sender.Dispose();
        _disposing.Dispose();
    }

    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);

    internal Uri AddressOf(IMethod method) =>
        _methodAddresses.GetOrAdd(method, static (method, address) => new Uri(address, method.FullName), _address);

    // HttpClient would read the whole response before it returns, unless told not to.
    internal Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _sender is HttpClient client
            ? client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
            : _sender.SendAsync(request, cancellationToken);

    private static SocketsHttpHandler NewHandler() => new()
    {
        EnableMultipleHttp2Connections = true,
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
    };

    private static ArgumentException NotAnAddress(string address) =>
        new($"'{address}' is not an address of a gRPC server; it must be like http://host:port or https://host:port.", nameof(address));
}
