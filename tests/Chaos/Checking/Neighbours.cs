using Parley.Chaos.Faults;
using Parley.Chaos.History;

namespace Parley.Chaos.Checking;

/// <summary>L2. A tenant whose engine hangs holds up nobody else. Judged where no other fault overlaps the hanging.</summary>
internal static class Neighbours
{
    private const double LeastShare = 0.4;

    public static IEnumerable<string> Breaches(Evidence evidence)
    {
        foreach (var hang in evidence.Faults.Where(f => f.Name == FaultNames.EngineHangs))
        {
            var length = hang.EndedAt - hang.At;
            if (evidence.Faults.Any(f => f != hang && f.At < hang.EndedAt && f.EndedAt > hang.At - length)) continue;

            var before = Count(evidence.Sends, hang.Victim, hang.At - length, hang.At);
            var during = Count(evidence.Sends, hang.Victim, hang.At, hang.EndedAt);
            if (during < LeastShare * before) yield return $"while {hang.Victim}'s engine hung, the others got {during} replies; as long before it, {before}";
        }
    }

    private static int Count(IReadOnlyList<AcceptedSend> sends, string except, long from, long to) =>
        sends.Count(s => s.Tenant != except && s.At >= from && s.At < to);
}
