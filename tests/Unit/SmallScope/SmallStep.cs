namespace Parley.Unit.SmallScope;

/// <summary>Something that may happen next.</summary>
/// <param name="Name">For the path that is printed.</param>
/// <param name="Kind">What it costs.</param>
/// <param name="Do">Does it, to a copy of the world it was offered by.</param>
internal readonly record struct SmallStep(string Name, StepKind Kind, Action<SmallWorld> Do);

internal enum StepKind
{
    /// <summary>Happens by itself sooner or later.</summary>
    Free,

    /// <summary>May happen, or never.</summary>
    Optional,

    /// <summary>One of the path's faults.</summary>
    Fault,
}
