using Parley.Chaos.Checking;
using Parley.Chaos.History;
using Parley.Chaos.Workload;

namespace Parley.Unit.Chaos;

/// <summary>Evidence of a run in which all went well, made by hand: two tenants with a conversation of the same name, three turns each.</summary>
internal static class GoodHistory
{
    public const string First = "t00", Second = "t01", Name = "c000";
    private const long Second1 = 1_000_000_000;

    public static readonly IReadOnlyList<ChaosTenant> Tenants = ChaosTenant.Make(2, seed: 7);

    public static Evidence Make()
    {
        var deliveries = new List<Delivery>();
        var calls = new List<EngineCall>();
        var sends = new List<AcceptedSend>();
        var messages = new List<StoredMessageRow>();
        var turns = new List<TurnRow>();
        var replies = new List<ReplyRow>();
        var conversations = new List<ConversationRow>();
        var records = new List<InboundRecord>();
        foreach (var (number, tenant) in Tenants.Index())
        {
            var hash = HashChain.Start;
            for (var seq = 1; seq <= 3; seq++)
            {
                var key = new MessageKey(tenant.Id, Name, seq);
                var (id, text, before, at) = (MessageText.Id(key), MessageText.Of(key, tenant.Canary), hash, seq * 10 * Second1);
                hash = HashChain.Next(before, [id]);
                var reply = MessageText.Reply(key, hash, tenant.Canary);
                deliveries.Add(new Delivery("customers", at, at + Second1, Intent.Valid, [key], Outcome.Ok, 200));
                records.Add(new InboundRecord(number, seq, tenant.Id, id, text));
                calls.Add(new EngineCall("engine", at + 2 * Second1, tenant.Id, Name, $"t_{seq}", [id], [text], before, hash, seq > 1 ? tenant.Canary : null, reply));
                messages.Add(new StoredMessageRow(tenant.Id, id, Name, 2 * seq - 1, $"t_{seq}", text, number, seq, seq * 10_000_000));
                turns.Add(new TurnRow(tenant.Id, $"t_{seq}", Name, seq));
                replies.Add(new ReplyRow(tenant.Id, $"r_{seq}", Name, 2 * seq, $"t_{seq}", reply, "sent", "delivered", ""));
                sends.Add(new AcceptedSend("channel", at + 3 * Second1, tenant.Id, tenant.Id, "+1", $"r_{seq}", $"wamid.{tenant.Id}.{seq}", reply, false));
            }

            conversations.Add(new ConversationRow(tenant.Id, Name, 3, "Active", hash));
        }

        return new Evidence
        {
            Tenants = Tenants, Deliveries = deliveries, Calls = calls, Sends = sends,
            Offsets = [new OffsetSample("offsets", 40 * Second1, 31_000_000, 0, 4), new OffsetSample("offsets", 40 * Second1, 31_000_000, 1, 4)],
            Store = new StoreView { Messages = messages, Turns = turns, Replies = replies, Conversations = conversations },
            Topics = new TopicView { Inbound = records },
        };
    }

    /// <summary>With the element that fits replaced.</summary>
    public static IReadOnlyList<T> Change<T>(this IReadOnlyList<T> items, Func<T, bool> which, Func<T, T> change) => [.. items.Select(i => which(i) ? change(i) : i)];

    public static IReadOnlyList<T> Without<T>(this IReadOnlyList<T> items, Func<T, bool> which) => [.. items.Where(i => !which(i))];
}
