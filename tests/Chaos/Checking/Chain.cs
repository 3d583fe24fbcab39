using Parley.Chaos.Workload;

namespace Parley.Chaos.Checking;

/// <summary>S7. A turn that was lost, doubled, reordered or computed from an old state breaks the chain from there on.</summary>
internal static class Chain
{
    public static IEnumerable<string> Breaches(Evidence evidence)
    {
        var messages = evidence.Store.Messages.Where(m => !evidence.Store.Parked.Contains((m.Tenant, m.ConversationId, m.Seq))).ToLookup(m => (m.Tenant, m.TurnId));
        var replies = evidence.Store.Replies.ToLookup(r => (r.Tenant, r.TurnId));
        var turns = evidence.Store.Turns.ToLookup(t => (t.Tenant, t.ConversationId));
        foreach (var conversation in evidence.Store.Conversations)
        {
            var hash = HashChain.Start;
            var broken = false;
            foreach (var turn in turns[(conversation.Tenant, conversation.ConversationId)].OrderBy(t => t.Version))
            {
                var ids = messages[(turn.Tenant, turn.TurnId)].OrderBy(m => m.Seq).Select(m => m.MessageId).ToList();
                if (ids.Count == 0) continue;
                hash = HashChain.Next(hash, ids);
                foreach (var reply in replies[(turn.Tenant, turn.TurnId)])
                {
                    if (!MessageText.TryRead(reply.Text, out _, out var said) || said == hash) continue;
                    yield return $"{conversation.Tenant}/{conversation.ConversationId}: turn {turn.Version} was answered with hash {said}; the turns before it give {hash}";
                    broken = true;
                }

                if (broken) break;
            }

            if (!broken && conversation.Hash != hash)
            {
                yield return $"{conversation.Tenant}/{conversation.ConversationId}: the stored hash is {conversation.Hash}; its turns give {hash}";
            }
        }
    }
}
