using System.ComponentModel.DataAnnotations;

namespace Parley.Ingest;

/// <summary>Bounds and waits of the host that takes messages in; setting <c>Ingest</c>.</summary>
internal sealed class IngestOptions
{
    /// <summary>How long a call waits for the broker's acknowledgement before it is answered 503 (default: 2.5 s, inside Slack's 3 s).</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:30")]
    public TimeSpan PublishTimeout { get; set; } = TimeSpan.FromSeconds(2.5);

    /// <summary>Told in <c>Retry-After</c> when the broker does not acknowledge (default: 5 s).</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The largest body a webhook may have, in bytes (default: 3 MiB, the largest Meta sends).</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int MaxWebhookBytes { get; set; } = 3 * 1024 * 1024;

    /// <summary>The largest body of an API call, in bytes (default: 256 KiB).</summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int MaxRequestBytes { get; set; } = 256 * 1024;

    /// <summary>Connections open at once; further ones are closed (default: 10,000; the server's own default is without limit).</summary>
    [Range(1, 1_000_000)]
    public long MaxConnections { get; set; } = 10_000;

    /// <summary>How long a client may take over the headers of a request (default: 10 s).</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan HeaderTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long POST /chat/message waits for the turn when the caller does not say (default: 10 s).</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:30")]
    public TimeSpan Wait { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Time between two comments on a silent stream, which keep proxies from closing it (default: 15 s).</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan StreamHeartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How often a stream reads the history although no notice came: notices may be lost (default: 5 s).</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan StreamPoll { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a stream's reader may take over one write before it is cut off (default: 10 s).</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan StreamWriteTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Streams one token subject may have open at once (default: 16).</summary>
    [Range(1, 10_000)]
    public int StreamsPerSubject { get; set; } = 16;

    /// <summary>Life of a web chat visitor's token (default: 24 h).</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan VisitorTokenLife { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Web chat sessions one address may ask for in a minute (default: 30).</summary>
    [Range(1, 100_000)]
    public int SessionsPerMinute { get; set; } = 30;

    /// <summary>Addresses of proxies whose <c>X-Forwarded-For</c> is believed; from anybody else it is ignored (default: none).</summary>
    public List<string> KnownProxies { get; set; } = [];
}
