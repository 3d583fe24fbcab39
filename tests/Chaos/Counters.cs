using System.Collections.Concurrent;

namespace Parley.Chaos;

/// <summary>What the run must have met to say anything ("sometimes" assertions): a counter that is required and 0 makes the verdict INVALID.</summary>
internal sealed class Counters
{
    public const string WorkerKills = "workers killed";
    public const string IngestKills = "ingests killed";
    public const string DispatcherKills = "dispatchers killed";
    public const string Pauses = "pauses beyond the session timeout";
    public const string Restarts = "orderly restarts";
    public const string Storms = "rebalance storms";
    public const string BrokerKills = "brokers killed";
    public const string StoreKills = "stores killed";
    public const string CommitsUnheard = "commits whose answer was lost";
    public const string CommitsLost = "commits cut before the store";
    public const string ProducesUnheard = "produce answers lost";
    public const string Fenced = "zombie fenced";
    public const string DuplicatesSuppressed = "duplicate suppressed";
    public const string Redeliveries = "turn run again";
    public const string DeadLetters = "dead letter";
    public const string SettledByStatus = "ambiguous send settled by status";
    public const string Unknown = "reply that stays unknown";
    public const string NeverSent = "reply that stays unknown, never taken by the channel";
    public const string Parked = "conversation parked by kills from outside";
    public const string Released = "release asked for by the operator";
    public const string BusyRebalances = "rebalance with work under way";
    public const string Lost = "assignment lost";
    public const string Refused503 = "refused with 503";
    public const string Unanswered = "call without an answer";
    public const string BadSignatures = "bad signature refused";

    private readonly ConcurrentDictionary<string, long> _counts = new();

    public IReadOnlyDictionary<string, long> All => _counts;

    public long this[string name] => _counts.GetValueOrDefault(name);

    public void Add(string name, long more = 1) => _counts.AddOrUpdate(name, more, (_, count) => count + more);
}
