using Parley.Chaos.Faults;
using Parley.Chaos.History;
using Parley.Chaos.Workload;

namespace Parley.Chaos.Checking;

/// <summary>S3. Told by ids, and again by the texts, which say which message they answer.</summary>
internal static class NoDuplicate
{
    /// <summary>The client's patience with a record, and some more; in nanoseconds.</summary>
    private const long Aftermath = 45_000_000_000;

    public static IEnumerable<string> Breaches(Evidence evidence) => [.. Sends(evidence), .. Rows(evidence), .. Records(evidence)];

    private static IEnumerable<string> Sends(Evidence evidence)
    {
        foreach (var twice in evidence.Sends.GroupBy(s => (s.Tenant, s.ReplyId)).Where(g => g.Count() > 1))
        {
            yield return $"reply {twice.Key.ReplyId} of {twice.Key.Tenant} was taken by the channel {twice.Count()} times";
        }

        foreach (var twice in evidence.Sends.Where(s => MessageText.TryRead(s.Text, out _, out _)).GroupBy(KeyOf).Where(g => g.Select(s => s.ReplyId).Distinct().Count() > 1))
        {
            yield return $"message {twice.Key} was answered by {twice.Select(s => s.ReplyId).Distinct().Count()} replies";
        }
    }

    private static IEnumerable<string> Rows(Evidence evidence)
    {
        foreach (var twice in evidence.Store.Messages.Where(m => MessageText.TryRead(m.Text, out _, out _))
            .GroupBy(m => { MessageText.TryRead(m.Text, out var key, out _); return key; }).Where(g => g.Count() > 1))
        {
            yield return $"message {twice.Key} is in the store {twice.Count()} times";
        }

        foreach (var twice in evidence.Store.Replies.GroupBy(r => (r.Tenant, r.TurnId)).Where(g => g.Count() > 1))
        {
            yield return $"turn {twice.Key.TurnId} of {twice.Key.Tenant} has {twice.Count()} replies";
        }
    }

    /// <summary>Each delivery writes a message's record once at most, however often the producer had to ask the broker.</summary>
    /// <remarks>
    /// Not judged around an outage of the broker: when records time out in the client, it goes on under a new producer epoch, and what was under way
    /// may be written once more (librdkafka, "Idempotent Producer"). The store makes one message of them, which the other checks see.
    /// </remarks>
    private static IEnumerable<string> Records(Evidence evidence)
    {
        var deliveries = evidence.Deliveries.Where(d => d.Intent == Intent.Valid).SelectMany(d => d.Messages).CountBy(m => m).ToDictionary();
        var outages = evidence.Faults.Where(f => f.Name is FaultNames.BrokerKill || f.Victim == "kafka").ToList();
        var outage = evidence.Deliveries.Where(d => outages.Exists(f => f.At < d.EndedAt && d.At < f.EndedAt + Aftermath)).SelectMany(d => d.Messages).ToHashSet();
        foreach (var (key, records) in evidence.Topics.Inbound.CountBy(r => (r.Tenant, r.MessageId, r.Text)))
        {
            if (!MessageText.TryRead(key.Text, out var message, out _) || message.Seq < 0) continue;
            var delivered = deliveries.GetValueOrDefault(message);
            if (records > delivered && !outage.Contains(message)) yield return $"message {message} was handed in {delivered} times and is on the topic {records} times";
        }
    }

    private static MessageKey KeyOf(AcceptedSend send)
    {
        MessageText.TryRead(send.Text, out var key, out _);
        return key;
    }
}
