namespace Grpc.Core;

/// <summary>What a caller may ask of one call.</summary>
public readonly struct CallOptions(
    Metadata? headers = null,
    DateTime? deadline = null,
    CancellationToken cancellationToken = default)
{
    /// <summary>What to send along with the request.</summary>
    public Metadata? Headers { get; } = headers;

    /// <summary>When to give up, in UTC. Null or <see cref="DateTime.MaxValue"/>: never.</summary>
    public DateTime? Deadline { get; } = deadline;

    /// <summary>Cancels the call here and at the server.</summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;

    /// <summary>The same with other headers.</summary>
    public CallOptions WithHeaders(Metadata headers) => new(headers, Deadline, CancellationToken);

    /// <summary>The same with another deadline.</summary>
    public CallOptions WithDeadline(DateTime deadline) => new(Headers, deadline, CancellationToken);

    /// <summary>The same with another token.</summary>
    public CallOptions WithCancellationToken(CancellationToken cancellationToken) => new(Headers, Deadline, cancellationToken);
}
