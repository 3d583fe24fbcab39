namespace Parley.Processor.Turns;

/// <summary>A tenant's rules for a turn.</summary>
internal sealed record TenantRules(string FallbackText, TimeSpan SessionTimeout);
