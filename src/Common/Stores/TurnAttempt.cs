using Parley.Common.Conversations;

namespace Parley.Common.Stores;

/// <summary>One attempt at the turn that begins with a message, as far as it is written down.</summary>
/// <param name="Key">The conversation.</param>
/// <param name="Head">The turn id of the oldest message alone: a turn that grows by a message while it is tried keeps its count.</param>
/// <param name="AttemptId">Unique; names the attempt when its end is written.</param>
/// <param name="State">How it stands.</param>
public sealed record TurnAttempt(ConversationKey Key, string Head, string AttemptId, AttemptState State);

/// <summary>How an attempt stands.</summary>
public enum AttemptState
{
    /// <summary>Under way; or its process died in it.</summary>
    Begun,

    /// <summary>It failed, and counts.</summary>
    Failed,

    /// <summary>It ended through no fault of the turn, and counts for nothing.</summary>
    Withdrawn,
}

/// <summary>The attempts at the turn that begins with <paramref name="Head"/>.</summary>
/// <param name="Head">See <see cref="TurnAttempt.Head"/>.</param>
/// <param name="Failed">Attempts that failed.</param>
/// <param name="Unfinished">Attempts that were begun and whose end nobody wrote down: a process died in each, or is still at it.</param>
public sealed record AttemptCount(string Head, int Failed, int Unfinished);
