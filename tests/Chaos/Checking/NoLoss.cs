using Parley.Chaos.Workload;

namespace Parley.Chaos.Checking;

/// <summary>S1. A message that was accepted ends somewhere that can be named.</summary>
internal static class NoLoss
{
    public static IEnumerable<string> Breaches(Evidence evidence)
    {
        var stored = evidence.Store.Messages.ToLookup(m => (m.Tenant, m.MessageId));
        var replies = evidence.Store.Replies.ToLookup(r => (r.Tenant, r.TurnId));
        var taken = evidence.Sends.Select(s => (s.Tenant, s.ReplyId)).ToHashSet();
        foreach (var message in evidence.Accepted())
        {
            var rows = stored[(message.Tenant, MessageText.Id(message))].ToList();
            if (rows.Count != 1)
            {
                yield return $"{message} was accepted and is in the store {rows.Count} times";
                continue;
            }

            var answers = replies[(message.Tenant, rows[0].TurnId)].ToList();
            if (answers.Count != 1) yield return $"{message}: its turn {rows[0].TurnId} has {answers.Count} replies";
            foreach (var reply in answers)
            {
                if (Problem(reply, taken.Contains((reply.Tenant, reply.ReplyId))) is { } problem) yield return $"{message}: reply {reply.ReplyId} {problem}";
            }
        }
    }

    // Unknown is an end that the at-most-once policy allows: named and counted, never repeated.
    private static string? Problem(ReplyRow reply, bool taken) => reply.State switch
    {
        "sent" => taken ? null : "is marked sent, and the channel never took it",
        "unknown" => null,
        "failed" => $"failed: {reply.Reason}",
        var open => $"is still {open}",
    };
}
