using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Parley.Dispatcher.Channels;

/// <summary>An HTTP call to a channel, as far as it came.</summary>
/// <param name="Written">Whether any byte of the body may have left. If not, the channel cannot have taken the message.</param>
/// <param name="Status">Null when no answer came.</param>
/// <param name="Body">The answer; null when it broke off, or was longer than <see cref="ChannelHttp.MaxAnswerBytes"/>.</param>
/// <param name="RetryAfter">What the answer asked for, as it stands there.</param>
/// <param name="Error">What went wrong below HTTP; null when an answer came.</param>
internal sealed record ChannelAnswer(bool Written, HttpStatusCode? Status, byte[]? Body, RetryConditionHeaderValue? RetryAfter, string? Error);

/// <summary>Posts to the channels' APIs: no retry, no redirect (a credential must not follow one), no answer of unknown size, no silence without end.</summary>
internal sealed class ChannelHttp(TimeProvider time) : IDisposable
{
    public const int MaxAnswerBytes = 64 * 1024;

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
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

    /// <param name="notAfter">No byte of <paramref name="body"/> is written after it.</param>
    public async Task<ChannelAnswer> PostJsonAsync(Uri address, string bearer, byte[] body, DateTimeOffset notAfter, CancellationToken cancellation)
    {
        using var content = new WatchedContent(body, notAfter, time);
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        HttpStatusCode? status = null;
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            status = response.StatusCode;
            var answer = await ReadAsync(response.Content, cancellation);
            return new ChannelAnswer(true, status, answer, response.Headers.RetryAfter, null);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return new ChannelAnswer(content.Written, status, null, null, content.Written ? "no answer in time" : "no connection in time");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or OperationCanceledException)
        {
            return new ChannelAnswer(content.Written, status, null, null, e.InnerException?.Message ?? e.Message);
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

    /// <summary>Knows whether the client has begun to write it: until then there was at most a connection and a header.</summary>
    private sealed class WatchedContent : HttpContent
    {
        private readonly byte[] _body;
        private readonly DateTimeOffset _notAfter;
        private readonly TimeProvider _time;

        public WatchedContent(byte[] body, DateTimeOffset notAfter, TimeProvider time)
        {
            (_body, _notAfter, _time) = (body, notAfter, time);
            Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        public bool Written { get; private set; }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, default);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            // A connection may have taken any time, and so may a pause of the process: what comes late comes behind the reply that was sent after it.
            if (_time.GetUtcNow() > _notAfter) throw new IOException("there was no connection in time");

            Written = true;
            await stream.WriteAsync(_body, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _body.Length;
            return true;
        }
    }
}
