using Parley.Chaos.Checking;
using Parley.Chaos.Faults;
using Parley.Chaos.History;

namespace Parley.Chaos.Report;

/// <summary>How long after a fault the work of its victim went on, in seconds.</summary>
internal sealed record Recovery(string Kind, double Seconds)
{
    /// <summary>What the victim had just sent may arrive after its end; in nanoseconds.</summary>
    private const long Wake = 200_000_000;

    /// <summary>
    /// Worker and dispatcher: until the last of the victim's partitions had progress (the engine asked, the channel reached) again.
    /// Broker: until a message was accepted. Store: until a reply was taken that was made after it.
    /// </summary>
    public static IReadOnlyList<Recovery> Of(Evidence evidence)
    {
        var inbound = new Dictionary<(string, string), int>();
        foreach (var record in evidence.Topics.Inbound) inbound[(record.Tenant, record.MessageId)] = record.Partition;
        var outbound = new Dictionary<(string, string?), int>();
        foreach (var record in evidence.Topics.Outbound) outbound[(record.Tenant, record.ReplyId)] = record.Partition;

        var calls = Progress(evidence.Calls.Select(c => (c.At, inbound.GetValueOrDefault((c.Tenant, c.MessageIds[0]), -1))));
        var sends = Progress(evidence.Sends.Select(s => (s.At, outbound.GetValueOrDefault((s.Tenant, s.ReplyId), -1))));
        var accepted = evidence.Deliveries.Where(d => d.Outcome == Outcome.Ok).Select(d => d.At).Order().ToList();
        var asked = evidence.Calls.Select(c => c.At).Order().ToList();
        var found = new List<Recovery>();
        foreach (var fault in evidence.Faults)
        {
            if (fault is { Name: FaultNames.Kill or FaultNames.Pause } && fault.Owned.Count > 0)
            {
                var isWorker = fault.Victim.StartsWith("worker", StringComparison.Ordinal);
                if (After(isWorker ? calls : sends, fault) is { } seconds) found.Add(new Recovery($"{(isWorker ? "worker" : "dispatcher")} {fault.Name}", seconds));
            }
            else if (fault.Name is FaultNames.BrokerKill or FaultNames.StoreKill)
            {
                var times = fault.Name == FaultNames.BrokerKill ? accepted : asked;
                var at = times.BinarySearch(fault.At + Wake);
                at = at < 0 ? ~at : at;
                if (at < times.Count) found.Add(new Recovery(fault.Name, (times[at] - fault.At) / 1e9));
            }
        }

        return found;
    }

    private static Dictionary<int, List<long>> Progress(IEnumerable<(long At, int Partition)> events) =>
        events.Where(e => e.Partition >= 0).GroupBy(e => e.Partition).ToDictionary(g => g.Key, g => g.Select(e => e.At).Order().ToList());

    private static double? After(Dictionary<int, List<long>> progress, FaultEvent fault)
    {
        var latest = 0L;
        foreach (var partition in fault.Owned)
        {
            if (!progress.TryGetValue(partition, out var times)) continue;
            var at = times.BinarySearch(fault.At + Wake);
            at = at < 0 ? ~at : at;
            if (at >= times.Count) return null;
            latest = Math.Max(latest, times[at]);
        }

        return latest == 0 ? null : (latest - fault.At) / 1e9;
    }
}
