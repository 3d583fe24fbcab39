using System.Text.Json;
using Parley.Common.Records;

namespace Parley.Common.Conversations;

/// <summary>
/// What a conversation's owner knows of it. Immutable: a turn computes the next state, and the store keeps it only if
/// <see cref="Version"/> is still the one that was read.
/// </summary>
public sealed record ConversationState
{
    /// <summary>Turns and other changes committed so far; 0 for a conversation that is not stored yet.</summary>
    public long Version { get; init; }

    /// <summary>Sequence of the newest message or reply of the history; both directions share it, the first entry has 1.</summary>
    public long LastSeq { get; init; }

    public required string Channel { get; init; }
    public required string Account { get; init; }
    public required Participant Participant { get; init; }
    public string? Thread { get; init; }

    public ConversationStatus Status { get; init; } = ConversationStatus.Active;

    /// <summary>Why the conversation is parked; null when it is not.</summary>
    public string? ParkedReason { get; init; }

    /// <summary>Raised at each hand-over between engine and person; a reply made under an older epoch must not leave.</summary>
    public int OwnershipEpoch { get; init; }

    public Session? Session { get; init; }

    /// <summary>What the engine last gave back as its context, a JSON object; null before the first turn.</summary>
    public JsonElement? Context { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>Who or what answers in a conversation.</summary>
public enum ConversationStatus { Active, HandedOff, Parked, Closed }

/// <summary>A window of activity; a message after the idle timeout opens the next one.</summary>
public sealed record Session(string Id, DateTimeOffset StartedAt, DateTimeOffset LastActivityAt);
