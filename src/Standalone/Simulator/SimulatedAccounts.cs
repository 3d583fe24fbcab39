using Parley.Common.Conversations;
using Parley.Common.Tenants;

namespace Parley.Standalone.Simulator;

/// <summary>The WhatsApp accounts whose API is the simulator: only for those it signs anything.</summary>
internal sealed class SimulatedAccounts(TenantDirectory tenants)
{
    private readonly Dictionary<string, (Tenant Tenant, ChannelAccount Account)> _byId = tenants.All
        .SelectMany(tenant => tenant.Accounts.Select(account => (Tenant: tenant, Account: account)))
        .Where(found => found.Account.Channel == ChannelNames.WhatsApp && IsSimulated(found.Account))
        .ToDictionary(found => found.Account.Id, StringComparer.Ordinal);

    public IReadOnlyList<SimulatedPhone> Phones =>
        [.. _byId.Values.OrderBy(f => f.Account.Id, StringComparer.Ordinal).Select(f => new SimulatedPhone(f.Account.Id, f.Tenant.Id, f.Tenant.Name))];

    public ChannelAccount? Find(string phoneNumberId) => _byId.TryGetValue(phoneNumberId, out var found) ? found.Account : null;

    private static bool IsSimulated(ChannelAccount account) =>
        account.ApiBase is { IsLoopback: true } api && $"{api.AbsolutePath.TrimEnd('/')}/" == SimulatorExtensions.ApiPath;
}
