using Parley.Common.Records;
using Parley.Common.Stores;

namespace Parley.Integration.Stores;

internal static class Receipts
{
    /// <summary>A receipt about a turn's first reply, by our id.</summary>
    public static Receipt Of(TurnCommit turn, DeliveryStatus status, string? reason = null, string? providerId = null) => new()
    {
        Tenant = turn.Key.Tenant,
        ConversationId = turn.Key.ConversationId,
        Channel = turn.State.Channel,
        Account = turn.State.Account,
        ReplyId = turn.Replies[0].ReplyId,
        ProviderMessageId = providerId,
        Status = status,
        Reason = reason,
        At = Turns.Noon,
    };
}
