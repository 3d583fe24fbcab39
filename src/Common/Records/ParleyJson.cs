using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Common.Conversations;

namespace Parley.Common.Records;

/// <summary>The JSON of records and stored state: snake_case, nulls left out, generated at build time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(InboundMessage))]
[JsonSerializable(typeof(Reply))]
[JsonSerializable(typeof(ReplyContent))]
[JsonSerializable(typeof(MessageContent))]
[JsonSerializable(typeof(Receipt))]
[JsonSerializable(typeof(ConversationCommand))]
[JsonSerializable(typeof(ConversationEvent))]
[JsonSerializable(typeof(ConversationState))]
[JsonSerializable(typeof(JsonElement))]
public sealed partial class ParleyJson : JsonSerializerContext;
