using Parley.Common.Stores;

namespace Parley.Processor.Turns;

/// <summary>What one run of a turn leaves for the next in the same process. Nothing is lost with it but a little time: the store knows the rest.</summary>
internal sealed record TurnMemory
{
    /// <summary>See <see cref="TurnAttempt.Head"/>.</summary>
    public string Head { get; init; } = "";

    /// <summary>Since when the turn has been waiting for its engine.</summary>
    public DateTimeOffset? WaitingSince { get; init; }

    /// <summary>Whether an attempt has failed: from now on attempts are written before they are made.</summary>
    public bool HasFailed { get; init; }

    /// <summary>Whether the turn is to run with no other of its kind beside it: a process has died in it.</summary>
    public bool Alone { get; init; }

    /// <summary>Why there will be no further attempt; null while there may be one.</summary>
    public string? Spent { get; init; }

    /// <summary>How an attempt stands that the store could not be told.</summary>
    public TurnAttempt? Owed { get; init; }

    /// <summary>The memory of the turn with that head: of another one nothing is kept but what is owed to the store.</summary>
    public TurnMemory For(string head) => Head == head ? this : new TurnMemory { Head = head, Owed = Owed };
}
