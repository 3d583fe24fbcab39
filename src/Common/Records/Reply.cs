using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Common.Conversations;

namespace Parley.Common.Records;

/// <summary>One message to send; the data of a <c>parley.reply.v1</c> record on <c>parley.outbound</c>.</summary>
public sealed record Reply
{
    /// <summary>Follows from the turn (<see cref="DerivedId.Reply"/>): a turn run again names the same reply.</summary>
    public required string ReplyId { get; init; }

    public required string TurnId { get; init; }
    public required string Tenant { get; init; }
    public required string ConversationId { get; init; }
    public required string Channel { get; init; }
    public required string Account { get; init; }

    /// <summary>The participant's id on the channel: the address.</summary>
    public required string To { get; init; }

    public string? Thread { get; init; }

    /// <summary>Its place in the conversation's history; replies of a conversation leave in this order.</summary>
    public required long Seq { get; init; }

    /// <summary>Ids of the messages that the turn answered, oldest first.</summary>
    public required IReadOnlyList<string> InReplyTo { get; init; }

    public required ReplyContent Content { get; init; }

    /// <summary>True when the engine could not answer and the tenant's fallback text stands in.</summary>
    public bool Fallback { get; init; }

    /// <summary>The conversation's ownership epoch the reply was made under.</summary>
    public int OwnershipEpoch { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }

    [JsonIgnore]
    public ConversationKey Key => new(Tenant, ConversationId);
}

/// <summary>What to say.</summary>
public sealed record ReplyContent
{
    /// <summary>text or choices.</summary>
    public required string Type { get; init; }

    public required string Text { get; init; }

    /// <summary>Type choices: what the user may pick; channels without buttons show them as text.</summary>
    public IReadOnlyList<ReplyAction>? Actions { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>A button or list row.</summary>
public sealed record ReplyAction(string Id, string Title, string? Description = null);
