namespace Parley.Chaos.Checking;

/// <summary>S9. When an offset was seen committed, every message below it had been committed to the store.</summary>
/// <remarks>A row's time is taken just before its commit, so the comparison errs on the lenient side by the length of a commit, never on the other.</remarks>
internal static class CommittedOffsets
{
    public static IEnumerable<string> Breaches(Evidence evidence)
    {
        var rows = evidence.Store.Messages.ToDictionary(m => (m.Tenant, m.MessageId, m.Partition), m => m.CommittedMicroseconds);
        var records = evidence.Topics.Inbound.GroupBy(r => r.Partition).ToDictionary(g => g.Key, g => g.OrderBy(r => r.Offset).ToList());
        foreach (var samples in evidence.Offsets.GroupBy(s => s.Partition))
        {
            if (!records.TryGetValue(samples.Key, out var log)) continue;
            var next = 0;
            var latest = (Time: 0L, Record: (InboundRecord?)null);
            foreach (var sample in samples.OrderBy(s => s.Offset).ThenBy(s => s.WallMicroseconds))
            {
                for (; next < log.Count && log[next].Offset < sample.Offset; next++)
                {
                    // What never got into the store is S1's matter.
                    if (rows.TryGetValue((log[next].Tenant, log[next].MessageId, log[next].Partition), out var time) && time > latest.Time) latest = (time, log[next]);
                }

                if (latest.Time <= sample.WallMicroseconds) continue;
                yield return $"partition {sample.Partition}: offset {sample.Offset} was committed {(latest.Time - sample.WallMicroseconds) / 1000} ms or more before {latest.Record!.Tenant}/{latest.Record.MessageId} at {latest.Record.Offset} was done";
                break;
            }
        }
    }
}
