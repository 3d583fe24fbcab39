namespace Parley.Ingest.Publishing;

/// <summary>
/// Refuses what the broker has no room for. By default it refuses nothing: a broker on disks is its own judge. The embedded one is small and in memory.
/// </summary>
public sealed class BacklogLimit
{
    /// <summary>Given the size of what is to be published in bytes: null to let it in, else when to come back. Called from many threads.</summary>
    public Func<int, TimeSpan?>? Judge { get; set; }

    public bool IsLimited => Judge is not null;

    public bool TryAdmit(int bytes, out TimeSpan retryAfter)
    {
        var wait = Judge?.Invoke(bytes);
        retryAfter = wait ?? TimeSpan.Zero;
        return wait is null;
    }
}
