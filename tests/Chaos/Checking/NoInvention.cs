using Parley.Chaos.Workload;

namespace Parley.Chaos.Checking;

/// <summary>S2. Nothing comes from nowhere: not from bad signatures, not from rubbish, not from another run.</summary>
internal static class NoInvention
{
    public static IEnumerable<string> Breaches(Evidence evidence)
    {
        var offered = evidence.Offered();
        foreach (var call in evidence.Calls)
        {
            foreach (var text in call.Texts)
            {
                if (!MessageText.TryRead(text, out var message, out _) || !offered.Contains(message)) yield return $"the engine was asked about '{text}', which nobody handed in";
            }
        }

        foreach (var row in evidence.Store.Messages)
        {
            if (!MessageText.TryRead(row.Text, out var message, out _) || !offered.Contains(message) || row.Tenant != message.Tenant)
            {
                yield return $"the store holds {row.Tenant}/{row.MessageId} with '{row.Text}', which nobody handed in";
            }
        }

        var replies = evidence.Store.Replies.Select(r => (r.Tenant, r.ReplyId)).ToHashSet();
        foreach (var send in evidence.Sends)
        {
            if (send.ReplyId is null || !replies.Contains((send.Tenant, send.ReplyId))) yield return $"the channel took '{send.Text}', which is no reply of the store";
        }
    }
}
