using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using Parley.Dispatcher.Sending;

namespace Parley.Dispatcher.Channels;

/// <summary>An HTTP call to a channel, as far as it came.</summary>
/// <param name="Written">Whether any byte of the body may have left. If not, the channel cannot have taken the message.</param>
/// <param name="Status">Null when no answer came.</param>
/// <param name="Body">The answer; null when it broke off, or was longer than <see cref="ChannelHttp.MaxAnswerBytes"/>.</param>
/// <param name="RetryAfter">What the answer asked for, as it stands there.</param>
/// <param name="Error">What went wrong below HTTP; null when an answer came.</param>
internal sealed record ChannelAnswer(bool Written, HttpStatusCode? Status, byte[]? Body, RetryConditionHeaderValue? RetryAfter, string? Error);

/// <summary>Posts to the channels' APIs: no retry, no redirect (a credential must not follow one), no answer of unknown size, no silence without end.</summary>
internal sealed class ChannelHttp : IDisposable
{
    public const int MaxAnswerBytes = 64 * 1024;

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        ConnectCallback = LastLook.ConnectAsync,
        // Addresses change behind a name; connections that are never renewed would not notice.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxResponseDrainSize = 0,
        SslOptions = { EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13 },
    })
    {
        // The caller's token is the only clock.
        Timeout = Timeout.InfiniteTimeSpan,
        // HTTP/2 clients repeat requests on refused streams; what is repeated is decided in the ledger alone.
        DefaultRequestVersion = HttpVersion.Version11,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    /// <param name="first">Asked when there is a connection, before the first byte of <paramref name="body"/>.</param>
    public async Task<ChannelAnswer> PostJsonAsync(Uri address, string bearer, byte[] body, FirstByte first, CancellationToken cancellation)
    {
        using var content = new WatchedContent(body, first);
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        HttpStatusCode? status = null;
        LastLook.Watch(first);
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            status = response.StatusCode;
            var answer = await ReadAsync(response.Content, cancellation);
            return new ChannelAnswer(true, status, answer, response.Headers.RetryAfter, null);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return new ChannelAnswer(first.HasBegun, status, null, null, first.HasBegun ? "no answer in time" : "no connection in time");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or OperationCanceledException)
        {
            return new ChannelAnswer(first.HasBegun, status, null, null, e.InnerException?.Message ?? e.Message);
        }
    }

    public void Dispose() => _client.Dispose();

    private static async Task<byte[]?> ReadAsync(HttpContent content, CancellationToken cancellation)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[Math.Min(content.Headers.ContentLength ?? MaxAnswerBytes, MaxAnswerBytes) + 1];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        return length <= MaxAnswerBytes ? buffer[..length] : null;
    }

    /// <summary>Written by the client when there is a connection; until then at most a header has left.</summary>
    private sealed class WatchedContent : HttpContent
    {
        private readonly byte[] _body;
        private readonly FirstByte _first;

        public WatchedContent(byte[] body, FirstByte first)
        {
            (_body, _first) = (body, first);
            Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, default);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            // A connection may have taken any time, and so may a pause of the process: what comes late comes behind the reply that was sent after it.
            if (!_first.TryBegin()) throw new IOException("there was no connection in time");

            await stream.WriteAsync(_body, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _body.Length;
            return true;
        }
    }
}
