using Parley.Common.Stores;
using Parley.Common.Tenants;
using Parley.Dispatcher.Sending;

namespace Parley.Unit.Dispatcher;

/// <summary>Every state of a ledger row, every result, every set of rules: what the tests of the ledger range over.</summary>
internal static class LedgerCases
{
    public static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset Created = Now - TimeSpan.FromMinutes(1);
    public const string Self = "self";

    public static SendRules Rules(
        UnknownSendPolicy policy = UnknownSendPolicy.AtMostOnce, bool settles = true, bool repeatable = false, int parts = 1, int maxTries = 5) => new()
    {
        Parts = parts,
        Repeatable = repeatable,
        StatusSettles = settles,
        UnknownSends = policy,
        Lease = TimeSpan.FromSeconds(25),
        SettleTime = TimeSpan.FromSeconds(60),
        MaxTries = maxTries,
        GiveUpAfter = TimeSpan.FromHours(24),
    };

    public static LedgerEntry Row(
        LedgerState state, int attempt = 0, string? owner = null, TimeSpan? deadlineIn = null, string? reason = null, int partsSent = 0) => new()
    {
        Tenant = "demo",
        ReplyId = "r_1",
        State = state,
        Attempt = attempt,
        Owner = owner,
        Deadline = deadlineIn is { } time ? Now + time : null,
        Reason = reason,
        PartsSent = partsSent,
    };

    public static IEnumerable<SendRules> AllRules()
    {
        foreach (var policy in Enum.GetValues<UnknownSendPolicy>())
        foreach (var settles in (bool[])[false, true])
        foreach (var repeatable in (bool[])[false, true])
        foreach (var parts in (int[])[1, 3])
        {
            yield return Rules(policy, settles, repeatable, parts, maxTries: 3);
        }
    }

    public static IEnumerable<LedgerEntry> AllRows()
    {
        foreach (var state in Enum.GetValues<LedgerState>())
        foreach (var attempt in (int[])[0, 1, 3])
        foreach (var owner in (string?[])[null, Self, "other"])
        foreach (var deadline in (double?[])[null, -100, 0, 100])
        foreach (var reason in (string?[])[null, "because"])
        foreach (var partsSent in (int[])[0, 1])
        {
            if (partsSent > attempt) continue;
            yield return Row(state, attempt, owner, deadline is { } seconds ? TimeSpan.FromSeconds(seconds) : null, reason, partsSent);
        }
    }

    public static IReadOnlyList<SendResult> AllResults { get; } =
    [
        new SendResult.Sent("wamid.1"),
        new SendResult.Refused("later"),
        new SendResult.Refused("later", TimeSpan.FromSeconds(30)),
        new SendResult.Refused("few tries", MaxTries: 2),
        new SendResult.Refused("the account", WholeAccount: true),
        new SendResult.AccountBlocked("190"),
        new SendResult.Rejected("131047"),
        new SendResult.InDoubt("no answer"),
    ];
}
