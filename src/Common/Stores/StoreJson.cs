using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Common.Conversations;
using Parley.Common.Records;

namespace Parley.Common.Stores;

/// <summary>The JSON of stored values: as in records, but letters of every script stay as they are, which takes a third of the space.</summary>
[JsonSerializable(typeof(ConversationState))]
[JsonSerializable(typeof(InboundMessage))]
[JsonSerializable(typeof(Reply))]
[JsonSerializable(typeof(TurnFacts))]
internal sealed partial class StoreJson : JsonSerializerContext
{
    public static StoreJson Stored { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters =
        {
            new JsonStringEnumConverter<ConversationStatus>(),
        },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
