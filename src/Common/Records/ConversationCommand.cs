using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Common.Conversations;

namespace Parley.Common.Records;

/// <summary>What a person wants done with a conversation; the data of a <c>parley.command.v1</c> record on <c>parley.inbound</c>, for the conversation's owner.</summary>
public sealed record ConversationCommand
{
    public required string Tenant { get; init; }
    public required string ConversationId { get; init; }

    /// <summary>The same id is the same command, however often it is delivered.</summary>
    public required string CommandId { get; init; }

    /// <summary>One of <see cref="CommandNames"/>.</summary>
    public required string Command { get; init; }

    /// <summary>Who wants it, for the logs.</summary>
    public string? By { get; init; }

    /// <summary>Why, for the logs.</summary>
    public string? Reason { get; init; }

    public DateTimeOffset? At { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }

    [JsonIgnore]
    public ConversationKey Key => new(Tenant, ConversationId);
}

/// <summary>The commands there are.</summary>
public static class CommandNames
{
    /// <summary>Run the parked turns, oldest first.</summary>
    public const string Redrive = "redrive";

    /// <summary>Drop the oldest parked turn with the fallback text, and run the others.</summary>
    public const string Skip = "skip";
}
