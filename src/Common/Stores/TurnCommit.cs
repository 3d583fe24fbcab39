using System.Text.Json.Serialization;
using Parley.Common.Conversations;
using Parley.Common.Records;

namespace Parley.Common.Stores;

/// <summary>All that one turn changes.</summary>
public sealed record TurnCommit
{
    public required ConversationKey Key { get; init; }

    /// <summary>The version the turn was computed from; 0 for a conversation that is not stored yet.</summary>
    public required long ExpectedVersion { get; init; }

    /// <summary>The state after the turn; its version is <see cref="ExpectedVersion"/> + 1.</summary>
    public required ConversationState State { get; init; }

    public required string TurnId { get; init; }

    /// <summary>The messages that count as seen from now on. Empty for a change that no message caused.</summary>
    public required IReadOnlyList<CommittedMessage> Messages { get; init; }

    /// <summary>The replies, as pending: the outbox.</summary>
    public required IReadOnlyList<Reply> Replies { get; init; }

    /// <summary>Those of <see cref="Messages"/> or <see cref="Released"/> that are kept on the parked list, because nothing has answered them.</summary>
    public IReadOnlyList<ParkedMessage> Parked { get; init; } = [];

    /// <summary>Messages that leave the parked list: from now on they belong to this turn.</summary>
    public IReadOnlyList<ParkedMessage> Released { get; init; } = [];

    /// <summary>Whether attempts of this conversation may be written down (default: yes). They end with the turn.</summary>
    public bool MayHaveAttempts { get; init; } = true;

    /// <summary>How the turn went, for the history and the API.</summary>
    public TurnFacts Facts { get; init; } = new();
}

/// <summary>A message in the history, with the coordinates of the record it came in.</summary>
/// <remarks>Partition and offset are for people and for repair. They decide nothing: a topic made anew starts at offset 0 again.</remarks>
public sealed record CommittedMessage(InboundMessage Message, long Seq, int Partition, long Offset);

/// <summary>What is told of a turn besides its replies.</summary>
public sealed record TurnFacts
{
    public long ProcessingTimeMs { get; init; }
    public string? ModelUsed { get; init; }
    public string? ModelProvider { get; init; }
    public double? ConfidenceScore { get; init; }
    public bool Fallback { get; init; }
    public IReadOnlyList<string>? NextExpectedInputs { get; init; }

    /// <summary>Why the conversation was parked, or the fallback text stands in; null otherwise.</summary>
    public string? Reason { get; init; }

    /// <summary>True when nothing was answered and the messages were parked instead.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Parked { get; init; }
}

/// <summary>What became of a commit.</summary>
public enum CommitOutcome
{
    Committed,

    /// <summary>The conversation is at another version: somebody else committed. Read again.</summary>
    Conflict,

    /// <summary>One of the messages is already in the history. Read again.</summary>
    Duplicate,
}

/// <summary>A message that is already in the history, and the turn that put it there.</summary>
public sealed record SeenMessage(MessageIdentity Identity, ConversationKey Key, string TurnId, TurnFacts Facts, IReadOnlyList<StoredReply> Replies);

/// <summary>A reply with what became of it.</summary>
public sealed record StoredReply(Reply Reply, LedgerState State, DeliveryStatus Delivery);
