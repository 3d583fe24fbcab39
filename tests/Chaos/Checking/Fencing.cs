namespace Parley.Chaos.Checking;

/// <summary>S10. Each turn was computed from the one before it: a process that came back from a pause wrote over nobody.</summary>
internal static class Fencing
{
    public static IEnumerable<string> Breaches(Evidence evidence)
    {
        var turns = evidence.Store.Turns.ToLookup(t => (t.Tenant, t.ConversationId), t => t.Version);
        foreach (var conversation in evidence.Store.Conversations)
        {
            var versions = turns[(conversation.Tenant, conversation.ConversationId)].Order().ToList();
            for (var i = 0; i < versions.Count; i++)
            {
                if (versions[i] == i + 1) continue;
                yield return $"{conversation.Tenant}/{conversation.ConversationId}: the versions of its turns are not 1 to {versions.Count}; number {i + 1} is {versions[i]}";
                break;
            }

            if (versions.Count != conversation.Version)
            {
                yield return $"{conversation.Tenant}/{conversation.ConversationId}: the state has version {conversation.Version} after {versions.Count} turns";
            }
        }
    }
}
