namespace Parley.Unit.SmallScope;

/// <summary>What is explored to its end.</summary>
/// <param name="Messages">The conversation of each message, in the order of the topic.</param>
/// <param name="Faults">Faults that may strike on one path.</param>
internal sealed record Scope(IReadOnlyList<int> Messages, int Faults)
{
    /// <summary>Records that one turn may take.</summary>
    public int PerRun { get; init; } = 1;

    public Part Part { get; init; } = Part.Whole;

    /// <summary>A rule that the world around the machines breaks, so that the search has something to find.</summary>
    public Broken Broken { get; init; }
}

/// <summary>Where faults strike, and whose steps are interleaved.</summary>
internal enum Part
{
    Whole,

    /// <summary>Messages are answered; replies stay in their topic.</summary>
    Answering,

    /// <summary>Replies are sent; the answering is over.</summary>
    Sending,
}

internal enum Broken
{
    Nothing,

    /// <summary>The store commits a turn whatever version it was computed from, and whichever messages it has already.</summary>
    StoreComparesNothing,

    /// <summary>The processor counts records as done when their turn is about to be committed.</summary>
    OffsetBeforeCommit,

    /// <summary>The ledger takes any row, whoever wrote meanwhile.</summary>
    LedgerComparesNothing,
}

/// <summary>A promise was broken.</summary>
internal sealed class SmallViolationException(string message) : Exception(message);
