using Parley.Chaos.History;

namespace Parley.Chaos.Checking;

/// <summary>A1. What a provider may conclude from a status is true.</summary>
internal static class Answers
{
    public static IEnumerable<string> Breaches(Evidence evidence)
    {
        foreach (var delivery in evidence.Deliveries)
        {
            if (Expected(delivery)) continue;
            yield return $"{delivery.Intent} of {delivery.Messages[0]} was answered {delivery.Status}";
        }
    }

    // 0: no answer. A process was killed, paused or slow; the sender tries again.
    private static bool Expected(Delivery delivery) => delivery.Intent switch
    {
        Intent.Valid => delivery.Status is 0 or 200 or 503,
        Intent.BadSignature => delivery.Status is 0 or 401,
        Intent.ForeignAccount => delivery.Status is 0 or 403,
        _ => true,
    };
}
