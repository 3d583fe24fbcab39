using Parley.Common.Conversations;

namespace Parley.Common.Stores;

/// <summary>What a turn must fulfil before any backend looks at it. A breach is a mistake of the caller, not an outcome.</summary>
internal static class TurnRules
{
    /// <exception cref="ArgumentException">Names the member that is wrong.</exception>
    public static void Check(TurnCommit turn)
    {
        if (Problem(turn) is { } problem) throw new ArgumentException($"Turn {turn.TurnId} of {turn.Key}: {problem}", nameof(turn));
    }

    private static string? Problem(TurnCommit turn)
    {
        if (turn.ExpectedVersion < 0) return "ExpectedVersion is negative";
        if (turn.State.Version != turn.ExpectedVersion + 1) return $"State.Version is {turn.State.Version}, not ExpectedVersion + 1";
        return Messages(turn) ?? Replies(turn) ?? Sequence(turn) ?? Parking(turn);
    }

    private static string? Messages(TurnCommit turn)
    {
        if (turn.Messages.Any(m => m.Message.Key != turn.Key)) return "Messages holds one of another conversation";
        return turn.Messages.Count > 1 && turn.Messages.Select(m => m.Message.Identity).Distinct().Count() < turn.Messages.Count
            ? "Messages holds one message twice"
            : null;
    }

    private static string? Replies(TurnCommit turn)
    {
        if (turn.Replies.Any(r => r.Key != turn.Key)) return "Replies holds one of another conversation";
        if (turn.Replies.Any(r => r.TurnId != turn.TurnId)) return "Replies holds one of another turn";
        return turn.Replies.Count > 1 && turn.Replies.Select(r => r.ReplyId).Distinct().Count() < turn.Replies.Count
            ? "Replies holds one reply id twice"
            : null;
    }

    // Pages of the history are cut by sequence, so it must have no gaps.
    private static string? Sequence(TurnCommit turn)
    {
        Span<long> sequences = turn.EntryCount() <= 64 ? stackalloc long[turn.EntryCount()] : new long[turn.EntryCount()];
        for (var i = 0; i < turn.Messages.Count; i++) sequences[i] = turn.Messages[i].Seq;
        for (var i = 0; i < turn.Replies.Count; i++) sequences[turn.Messages.Count + i] = turn.Replies[i].Seq;
        sequences.Sort();

        var first = turn.FirstSeq();
        if (first < 1) return $"State.LastSeq is {turn.State.LastSeq}, less than the entries of the turn";
        for (var i = 0; i < sequences.Length; i++)
        {
            if (sequences[i] != first + i) return $"Seq of messages and replies must be {first} to {turn.State.LastSeq} (State.LastSeq), each once";
        }

        return null;
    }

    private static string? Parking(TurnCommit turn)
    {
        foreach (var parked in turn.Parked)
        {
            var known = turn.Messages.Any(m => m.Seq == parked.Seq && m.Message.Identity == parked.Message.Identity)
                || turn.Released.Any(r => r.Seq == parked.Seq && r.Message.Identity == parked.Message.Identity);
            if (!known) return "Parked holds a message that is not among Messages or Released";
        }

        return turn.Released.Any(r => r.Message.Key != turn.Key || r.Seq >= turn.FirstSeq()) ? "Released holds a message that was not parked before" : null;
    }

    /// <summary>Entries that the turn adds to the history.</summary>
    public static int EntryCount(this TurnCommit turn) => turn.Messages.Count + turn.Replies.Count;

    /// <summary>Sequence of the turn's first entry; the last one's + 1 when it has none.</summary>
    public static long FirstSeq(this TurnCommit turn) => turn.State.LastSeq - turn.EntryCount() + 1;
}
