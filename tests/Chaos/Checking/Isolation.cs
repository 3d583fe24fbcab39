namespace Parley.Chaos.Checking;

/// <summary>S8. Every text carries its tenant's canary; names of conversations and messages are the same in all tenants.</summary>
internal static class Isolation
{
    public static IEnumerable<string> Breaches(Evidence evidence)
    {
        var canaries = evidence.Tenants.ToDictionary(t => t.Id, t => t.Canary);
        foreach (var call in evidence.Calls)
        {
            if (call.Texts.Any(t => IsForeign(call.Tenant, t))) yield return $"the engine of {call.Tenant} was given '{call.Texts[^1]}'";
            if (call.Canary is { } canary && IsForeign(call.Tenant, canary)) yield return $"the engine of {call.Tenant} was given the context of {canary}";
        }

        foreach (var send in evidence.Sends)
        {
            if (send.TokenTenant != send.Tenant) yield return $"a message on the account of {send.Tenant} was sent with the token of {send.TokenTenant}";
            if (IsForeign(send.Tenant, send.Text)) yield return $"on the account of {send.Tenant} was sent '{send.Text}'";
        }

        foreach (var row in evidence.Store.Messages.Where(m => IsForeign(m.Tenant, m.Text))) yield return $"the store has for {row.Tenant} the message '{row.Text}'";
        foreach (var row in evidence.Store.Replies.Where(r => IsForeign(r.Tenant, r.Text))) yield return $"the store has for {row.Tenant} the reply '{row.Text}'";
        foreach (var record in evidence.Topics.Outbound.Where(r => IsForeign(r.Tenant, r.Text))) yield return $"under a key of {record.Tenant} lies the reply '{record.Text}'";

        bool IsForeign(string tenant, string text) =>
            text.Contains("CNRY-", StringComparison.Ordinal) && !(canaries.TryGetValue(tenant, out var own) && text.Replace(own, "", StringComparison.Ordinal) is var rest && !rest.Contains("CNRY-", StringComparison.Ordinal));
    }
}
