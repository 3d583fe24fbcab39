namespace Parley.Chaos.Checking;

/// <summary>S4. One text from the engine through the store to the channel.</summary>
internal static class Agreement
{
    public static IEnumerable<string> Breaches(Evidence evidence)
    {
        var said = evidence.Calls.Select(c => (c.Tenant, c.RequestId, c.Reply)).ToHashSet();
        var stored = new Dictionary<(string, string), string>();
        foreach (var reply in evidence.Store.Replies)
        {
            stored[(reply.Tenant, reply.ReplyId)] = reply.Text;
            if (!said.Contains((reply.Tenant, reply.TurnId, reply.Text))) yield return $"reply {reply.ReplyId} of turn {reply.TurnId} says '{reply.Text}', which the engine never said in that turn";
        }

        foreach (var send in evidence.Sends)
        {
            if (send.ReplyId is { } id && stored.TryGetValue((send.Tenant, id), out var text) && text != send.Text)
            {
                yield return $"reply {id}: the store has '{text}', the channel got '{send.Text}'";
            }
        }
    }
}
