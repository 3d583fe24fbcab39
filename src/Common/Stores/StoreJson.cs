using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Common.Conversations;
using Parley.Common.Records;

namespace Parley.Common.Stores;

/// <summary>The JSON of stored values: as in records, but with letters of every script as they are (a column is not a web page), at a third of the size.</summary>
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
