using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Ingest.Api;
using Parley.Ingest.Api.Conversations;
using Parley.Ingest.Api.Messages;
using Parley.Ingest.Health;
using Parley.Ingest.WebChat;

namespace Parley.Ingest;

/// <summary>A call that went well.</summary>
internal sealed record Success<T>(string Status, T Data);

/// <summary>The JSON of the API's answers: snake_case, nulls left out, generated at build time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ErrorAnswer))]
[JsonSerializable(typeof(ValidationAnswer))]
[JsonSerializable(typeof(RateAnswer))]
[JsonSerializable(typeof(Success<MessageAnswer>))]
[JsonSerializable(typeof(Success<AcceptedMessage>))]
[JsonSerializable(typeof(Success<HistoryAnswer>))]
[JsonSerializable(typeof(Success<ConversationAnswer>))]
[JsonSerializable(typeof(Success<RedriveAnswer>))]
[JsonSerializable(typeof(HistoryMessage))]
[JsonSerializable(typeof(DeliveryNews))]
[JsonSerializable(typeof(SessionAnswer))]
[JsonSerializable(typeof(HealthAnswer))]
internal sealed partial class IngestJson : JsonSerializerContext
{
    /// <summary>Letters stay letters: the answers are served as JSON and nothing else, so nothing but JSON has to be escaped.</summary>
    public static IngestJson Plain => field ??= new IngestJson(
        new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
