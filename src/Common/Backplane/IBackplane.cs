namespace Parley.Common.Backplane;

/// <summary>
/// What processes share besides the topics and the store: live notices, rate limits, small values with an expiry. Never the authority:
/// every call does its best and none throws; with the backplane gone, readers fall back to the store and limits become local.
/// </summary>
public interface IBackplane
{
    /// <summary>Tells the subscribers of a topic; lost when nobody listens or the backplane is gone.</summary>
    Task PublishAsync(string topic, string notice);

    /// <summary>Calls <paramref name="onNotice"/> for each notice until disposed. Notices may be lost, doubled or late.</summary>
    Task<IAsyncDisposable> SubscribeAsync(string topic, Action<string> onNotice);

    /// <summary>Takes one token of a bucket that holds <paramref name="limit"/> and refills evenly over <paramref name="window"/>.</summary>
    ValueTask<RateDecision> TakeAsync(string bucket, int limit, TimeSpan window);

    /// <summary>A value that was set and has not expired; null otherwise, and when the backplane is gone.</summary>
    ValueTask<string?> GetAsync(string key);

    /// <summary>Keeps a value until <paramref name="expiry"/> has passed, or forgets it earlier.</summary>
    ValueTask SetAsync(string key, string value, TimeSpan expiry);

    /// <summary>Whether the backplane answers now, for health.</summary>
    ValueTask<bool> IsHealthyAsync();
}

/// <summary>The answer of a rate limit.</summary>
/// <param name="Allowed">Whether the call may go on.</param>
/// <param name="Remaining">Tokens left.</param>
/// <param name="RetryAfter">When not allowed: when the next token is there.</param>
public readonly record struct RateDecision(bool Allowed, int Remaining, TimeSpan RetryAfter);
