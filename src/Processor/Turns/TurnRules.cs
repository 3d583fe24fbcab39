namespace Parley.Processor.Turns;

/// <summary>A tenant's rules for a turn.</summary>
internal sealed record TurnRules(string FallbackText, TimeSpan SessionTimeout);
