namespace Parley.Common.Records;

/// <summary>Topic names, the only place.</summary>
public static class Topics
{
    /// <summary>Messages, receipts and commands for the owner of a conversation; keyed by conversation.</summary>
    public const string Inbound = "parley.inbound";

    /// <summary>Replies to send; keyed by conversation.</summary>
    public const string Outbound = "parley.outbound";

    /// <summary>Facts for other systems; keyed by conversation.</summary>
    public const string Events = "parley.events";

    /// <summary>What could not be read or handled; keyed as the origin.</summary>
    public const string Dead = "parley.dead";

    public static IReadOnlyList<string> All { get; } = [Inbound, Outbound, Events, Dead];
}
