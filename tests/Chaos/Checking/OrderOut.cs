namespace Parley.Chaos.Checking;

/// <summary>S6. The first time the channel takes each reply of a conversation, in the order of the replies.</summary>
internal static class OrderOut
{
    public static IEnumerable<string> Breaches(Evidence evidence)
    {
        var replies = evidence.Store.Replies.ToDictionary(r => (r.Tenant, (string?)r.ReplyId));
        var last = new Dictionary<(string, string), ReplyRow>();
        var seen = new HashSet<(string, string?)>();
        foreach (var send in evidence.Sends.OrderBy(s => s.At))
        {
            if (!replies.TryGetValue((send.Tenant, send.ReplyId), out var reply) || !seen.Add((send.Tenant, send.ReplyId))) continue;
            var conversation = (reply.Tenant, reply.ConversationId);
            if (last.TryGetValue(conversation, out var before) && before.Seq > reply.Seq)
            {
                yield return $"the channel took '{reply.Text}' after '{before.Text}'";
            }

            last[conversation] = reply;
        }
    }
}
