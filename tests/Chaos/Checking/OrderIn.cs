using Parley.Chaos.History;
using Parley.Chaos.Workload;

namespace Parley.Chaos.Checking;

/// <summary>
/// S5. If a was accepted before b was first handed in, a comes before b in the conversation. The loops are closed, so their numbers are that order.
/// </summary>
internal static class OrderIn
{
    public static IEnumerable<string> Breaches(Evidence evidence)
    {
        var accepted = new Dictionary<MessageKey, long>();
        var invoked = new Dictionary<MessageKey, long>();
        foreach (var delivery in evidence.Deliveries.Where(d => d.Intent == Intent.Valid))
        {
            foreach (var message in delivery.Messages)
            {
                invoked[message] = Math.Min(invoked.GetValueOrDefault(message, long.MaxValue), delivery.At);
                if (delivery.Outcome == Outcome.Ok) accepted[message] = Math.Min(accepted.GetValueOrDefault(message, long.MaxValue), delivery.EndedAt);
            }
        }

        foreach (var conversation in evidence.Store.Messages.GroupBy(m => (m.Tenant, m.ConversationId)))
        {
            MessageKey? last = null;
            foreach (var row in conversation.OrderBy(m => m.Seq))
            {
                if (!MessageText.TryRead(row.Text, out var message, out _)) continue;
                if (last is { } before && IsReversed(before, message)) yield return $"{message} comes after {before} in the history, and was accepted before it was handed in";
                last = message;
            }
        }

        // Messages of one batch have the same times: there the batch's own order counts.
        bool IsReversed(MessageKey first, MessageKey second) =>
            (accepted.TryGetValue(second, out var done) && invoked.TryGetValue(first, out var begun) && done < begun)
            || (first.Conversation == second.Conversation && second.Seq < first.Seq && invoked.GetValueOrDefault(first) == invoked.GetValueOrDefault(second, -1));
    }
}
