namespace Parley.Chaos.Checking;

/// <summary>L1. With the faults gone, the backlog goes too.</summary>
internal static class Liveness
{
    public static IEnumerable<string> Breaches(Evidence evidence)
    {
        if (evidence.Drained is null) yield return $"left when the wait was given up: {evidence.Left}";
    }
}
