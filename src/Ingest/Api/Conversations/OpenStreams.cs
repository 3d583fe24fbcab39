using System.Collections.Concurrent;

namespace Parley.Ingest.Api.Conversations;

/// <summary>How many streams each subject has open in this process, so that one cannot take all connections.</summary>
internal sealed class OpenStreams
{
    private readonly ConcurrentDictionary<(string Tenant, string Subject), int> _open = new();

    public bool TryOpen(string tenant, string subject, int most)
    {
        if (_open.AddOrUpdate((tenant, subject), 1, static (_, open) => open + 1) <= most) return true;
        Close(tenant, subject);
        return false;
    }

    public void Close(string tenant, string subject)
    {
        var key = (tenant, subject);
        if (_open.AddOrUpdate(key, 0, static (_, open) => open - 1) > 0) return;

        // Only if it is still 0: another stream may just have been opened.
        _open.TryRemove(KeyValuePair.Create(key, 0));
    }
}
