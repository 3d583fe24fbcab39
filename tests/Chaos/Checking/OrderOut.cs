using System.Globalization;
using Parley.Chaos.History;

namespace Parley.Chaos.Checking;

/// <summary>S6. The first time the channel takes each reply of a conversation, in the order of the replies.</summary>
internal static class OrderOut
{
    /// <summary>How far back a fault may lie that is named with a breach, in nanoseconds.</summary>
    private const long Before = 15_000_000_000;

    public static IEnumerable<string> Breaches(Evidence evidence)
    {
        var replies = evidence.Store.Replies.ToDictionary(r => (r.Tenant, (string?)r.ReplyId));
        var last = new Dictionary<(string, string), (ReplyRow Reply, AcceptedSend Send)>();
        var seen = new HashSet<(string, string?)>();
        foreach (var send in evidence.Sends.OrderBy(s => s.At))
        {
            if (!replies.TryGetValue((send.Tenant, send.ReplyId), out var reply) || !seen.Add((send.Tenant, send.ReplyId))) continue;
            var conversation = (reply.Tenant, reply.ConversationId);
            if (last.TryGetValue(conversation, out var before) && before.Reply.Seq > reply.Seq)
            {
                yield return $"the channel took {Told(reply, send, evidence)} after {Told(before.Reply, before.Send, evidence)}{FaultsAround(before.Send.At, send.At, evidence)}";
            }

            last[conversation] = (reply, send);
        }
    }

    /// <summary>Where a reply came from and what became of it: whether it was published, sent or taken too late is to be seen from the report alone.</summary>
    private static string Told(ReplyRow reply, AcceptedSend send, Evidence evidence)
    {
        var places = evidence.Topics.Outbound.Select((record, place) => (record, place)).Where(r => r.record.ReplyId == reply.ReplyId && r.record.Tenant == reply.Tenant).Select(r => r.place);
        return $"'{reply.Text}' at {Seconds(send.At)} ({(send.AnswerLost ? "answer lost, " : "")}{reply.State}, {reply.Delivery}{(reply.Reason.Length > 0 ? $": {reply.Reason}" : "")}, on the topic at {string.Join(" and ", places)})";
    }

    private static string FaultsAround(long from, long to, Evidence evidence) => string.Concat(
        evidence.Faults.Where(f => f.At <= to && f.EndedAt >= from - Before).Select(f => $"; {f.Name} {f.Victim} {Seconds(f.At)} to {Seconds(f.EndedAt)}"));

    private static string Seconds(long nanoseconds) => (nanoseconds / 1e9).ToString("F1", CultureInfo.InvariantCulture) + " s";
}
