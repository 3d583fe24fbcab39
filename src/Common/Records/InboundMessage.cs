using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Common.Conversations;

namespace Parley.Common.Records;

/// <summary>One customer message, channel-neutral; the data of a <c>parley.message.v1</c> record on <c>parley.inbound</c>.</summary>
public sealed record InboundMessage
{
    public required string Tenant { get; init; }
    public required string ConversationId { get; init; }

    /// <summary>One of <see cref="ChannelNames"/>.</summary>
    public required string Channel { get; init; }

    /// <summary>The tenant's identity on the channel: phone number id, page id, site …</summary>
    public required string Account { get; init; }

    public required Participant Participant { get; init; }

    /// <summary>The thread, on channels that have threads.</summary>
    public string? Thread { get; init; }

    /// <summary>The channel's own id of the message; unique for tenant, channel and account.</summary>
    public required string MessageId { get; init; }

    /// <summary>What happened: only <see cref="InboundKinds.Message"/> starts a turn, the others are kept in the history.</summary>
    /// <remarks>A producer may leave it out; the generated reader then sets null.</remarks>
    [AllowNull]
    public string Kind { get; init => field = value ?? InboundKinds.Message; } = InboundKinds.Message;

    public required MessageContent Content { get; init; }

    /// <summary>Id of the message that this one answers, changes or reacts to.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>Where the conversation came from (an ad, a link), as the channel gave it.</summary>
    public JsonElement? Referral { get; init; }

    /// <summary>What the caller wants the engine to know besides, a JSON object; becomes metadata of the engine's request.</summary>
    public JsonElement? Context { get; init; }

    /// <summary>When the channel says it was sent.</summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>When Ingest took it.</summary>
    public DateTimeOffset? ReceivedAt { get; init; }

    /// <summary>Members of later versions, kept as they came.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }

    [JsonIgnore]
    public ConversationKey Key => new(Tenant, ConversationId);

    [JsonIgnore]
    public MessageIdentity Identity => new(Tenant, Channel, Account, MessageId);
}

/// <summary>The kinds of inbound message.</summary>
public static class InboundKinds
{
    public const string Message = "message";
    public const string Edit = "edit";
    public const string Delete = "delete";
    public const string Reaction = "reaction";
    public const string Echo = "echo";
    public const string System = "system";
}

/// <summary>The end user on a channel account.</summary>
/// <param name="Id">The channel's id of the user: the address replies go to.</param>
/// <param name="Name">The profile's name, when the channel gives one.</param>
/// <param name="Aliases">Other ids of the same user (WhatsApp: wa_id, business-scoped user id).</param>
public sealed record Participant(string Id, string? Name = null, IReadOnlyList<string>? Aliases = null);

/// <summary>What was said.</summary>
public sealed record MessageContent
{
    /// <summary>text, image, audio, video, document, sticker, location, contacts, choice, reaction, order, unsupported.</summary>
    public required string Type { get; init; }

    /// <summary>The text, the caption, or the title of the chosen button.</summary>
    public string? Text { get; init; }

    /// <summary>Type choice: the id of the button or row.</summary>
    public string? ChoiceId { get; init; }

    public IReadOnlyList<MediaReference>? Media { get; init; }

    /// <summary>What the type carries besides (location, contacts, order, form answer), as the channel gave it.</summary>
    public JsonElement? Data { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>A file that stays with the channel until it is asked for.</summary>
/// <param name="Id">The channel's media id.</param>
/// <param name="MimeType">As the channel says; not verified.</param>
/// <param name="Sha256">Base64, as the channel says.</param>
/// <param name="FileName">The sender's file name, when given.</param>
/// <param name="SizeBytes">0 when unknown.</param>
/// <param name="Url">Where the channel keeps it, when given; short-lived and only for the account's own token.</param>
public sealed record MediaReference(string Id, string? MimeType = null, string? Sha256 = null, string? FileName = null, long SizeBytes = 0, string? Url = null);
