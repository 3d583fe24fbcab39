using System.Collections.Frozen;
using System.ComponentModel.DataAnnotations;
using System.Text;
using Microsoft.Extensions.Configuration;
using Parley.Common.Conversations;

namespace Parley.Common.Tenants;

/// <summary>The tenants of the installation, read once at start from the setting <c>Tenants</c> (a list). A mistake stops the start and names the setting.</summary>
public sealed class TenantDirectory
{
    private readonly FrozenDictionary<string, Tenant> _byId;
    private readonly FrozenDictionary<(string Channel, string Account), (Tenant Tenant, ChannelAccount Account)> _byAccount;

    /// <exception cref="ValidationException">A tenant is not valid, or two share an id or an account.</exception>
    public TenantDirectory(IReadOnlyList<Tenant> tenants)
    {
        var problems = Problems(tenants).ToList();
        if (problems.Count > 0) throw new ValidationException("Settings: " + string.Join("; ", problems));

        _byId = tenants.ToFrozenDictionary(t => t.Id, StringComparer.Ordinal);
        _byAccount = tenants.SelectMany(t => t.Accounts.Select(a => (Tenant: t, Account: a)))
            .ToFrozenDictionary(x => (x.Account.Channel, x.Account.Id));
    }

    public static TenantDirectory Read(IConfiguration configuration)
    {
        // The configuration binder adds to a list or dictionary that is there; a tenant's own tiers must not lose the default one.
        return new TenantDirectory([.. configuration.GetSection("Tenants").GetChildren().Select(Read)]);
    }

    // Of a list or dictionary the binder leaves out what it cannot read, without a word. Read one by one, a wrong word stops the start and is named.
    private static Tenant Read(IConfigurationSection section)
    {
        var tenant = section.Get<Tenant>() ?? new Tenant();
        tenant.Accounts = [.. section.GetSection("Accounts").GetChildren().Select(a => a.Get<ChannelAccount>() ?? new ChannelAccount())];
        tenant.TurnPolicies = section.GetSection("TurnPolicies").GetChildren().ToDictionary(p => p.Key, p => p.Get<TurnPolicy>() ?? new TurnPolicy());
        return tenant;
    }

    public IReadOnlyCollection<Tenant> All => _byId.Values;

    public Tenant? Find(string tenantId) => _byId.GetValueOrDefault(tenantId);

    /// <summary>The tenant and account behind a channel's account id; null when nobody has it.</summary>
    public (Tenant Tenant, ChannelAccount Account)? FindAccount(string channel, string accountId) =>
        _byAccount.TryGetValue((channel, accountId), out var found) ? found : null;

    private static IEnumerable<string> Problems(IReadOnlyList<Tenant> tenants)
    {
        if (tenants.Count == 0) yield return "Tenants is empty; at least one tenant is needed";
        for (var i = 0; i < tenants.Count; i++)
        {
            var tenant = tenants[i];
            foreach (var problem in Invalid(tenant, $"Tenants:{i}")) yield return problem;
            foreach (var problem in Invalid(tenant.Failures, $"Tenants:{i}:Failures")) yield return problem;
            for (var s = 0; s < tenant.JwtSecrets.Count; s++)
            {
                // RFC 7518, 3.2: a key of the same size as the hash output or larger.
                if (Encoding.UTF8.GetByteCount(tenant.JwtSecrets[s]) < 32) yield return $"Tenants:{i}:JwtSecrets:{s} is shorter than 32 bytes";
            }

            foreach (var (channel, policy) in tenant.TurnPolicies)
            {
                if (channel != "default" && !ChannelNames.All.Contains(channel)) yield return $"Tenants:{i}:TurnPolicies:{channel} names no channel";
                foreach (var problem in Invalid(policy, $"Tenants:{i}:TurnPolicies:{channel}")) yield return problem;
            }

            for (var a = 0; a < tenant.Accounts.Count; a++)
            {
                foreach (var problem in Invalid(tenant.Accounts[a], $"Tenants:{i}:Accounts:{a}")) yield return problem;
                if (!ChannelNames.All.Contains(tenant.Accounts[a].Channel))
                {
                    yield return $"Tenants:{i}:Accounts:{a}:Channel '{tenant.Accounts[a].Channel}' is not one of {string.Join(", ", ChannelNames.All.Order())}";
                }
            }
        }

        foreach (var twice in tenants.GroupBy(t => t.Id).Where(g => g.Count() > 1)) yield return $"two tenants have the id '{twice.Key}'";
        foreach (var twice in tenants.SelectMany(t => t.Accounts).GroupBy(a => (a.Channel, a.Id)).Where(g => g.Count() > 1))
        {
            yield return $"two accounts are '{twice.Key.Channel}/{twice.Key.Id}'";
        }
    }

    private static IEnumerable<string> Invalid(object settings, string path)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(settings, new ValidationContext(settings), results, validateAllProperties: true);
        return results.Select(r => $"{path}:{string.Join(',', r.MemberNames)} {r.ErrorMessage}");
    }
}
