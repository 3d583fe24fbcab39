using Parley.Chaos.History;

namespace Parley.Chaos.Checking;

/// <summary>Counts, from the evidence, what a run has met.</summary>
internal static class Coverage
{
    public static void Count(Evidence evidence, Counters counters)
    {
        counters.Add(Counters.Fenced, Told(evidence, "refused commit after a pause"));
        counters.Add(Counters.Lost, Told(evidence, "lost partitions"));
        counters.Add(Counters.BusyRebalances, Told(evidence, "gave up partitions") + Told(evidence, "lost partitions"));
        counters.Add(Counters.Refused503, evidence.Deliveries.Count(d => d.Status == 503));
        counters.Add(Counters.Unanswered, evidence.Deliveries.Count(d => d is { Outcome: Outcome.Info, Status: 0 }));
        counters.Add(Counters.DeadLetters, evidence.Topics.Dead.Count);
        counters.Add(Counters.DuplicatesSuppressed, evidence.Topics.Inbound.CountBy(r => (r.Tenant, r.MessageId)).Count(c => c.Value > 1));
        counters.Add(Counters.Redeliveries, evidence.Calls.CountBy(c => (c.Tenant, c.RequestId)).Count(c => c.Value > 1));

        var states = evidence.Store.Replies.ToDictionary(r => (r.Tenant, (string?)r.ReplyId), r => r.State);
        counters.Add(Counters.SettledByStatus, evidence.Sends.Count(s => s.AnswerLost && states.GetValueOrDefault((s.Tenant, s.ReplyId)) == "sent"));
        var taken = evidence.Sends.Select(s => (s.Tenant, s.ReplyId)).ToHashSet();
        counters.Add(Counters.Unknown, evidence.Store.Replies.Count(r => r.State == "unknown"));
        counters.Add(Counters.NeverSent, evidence.Store.Replies.Count(r => r.State == "unknown" && !taken.Contains((r.Tenant, r.ReplyId))));
    }

    private static int Told(Evidence evidence, string what) => evidence.Told.Count(t => t.What == what);
}
