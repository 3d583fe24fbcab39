using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Common.Records;
using Parley.Ingest.Channels;

namespace Parley.Unit.Ingest.Channels;

/// <summary>What a payload was read as, in the form of the *.expected.json files.</summary>
internal static class NormalisedText
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly ParleyJson Records = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static string Of(Normalised normalised)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Indented))
        {
            json.WriteStartObject();
            switch (normalised)
            {
                case Normalised.Batch batch:
                    json.WriteStartArray("messages");
                    foreach (var message in batch.Messages) JsonSerializer.Serialize(json, message, Records.InboundMessage);
                    json.WriteEndArray();
                    json.WriteStartArray("receipts");
                    foreach (var receipt in batch.Receipts) JsonSerializer.Serialize(json, receipt, Records.Receipt);
                    json.WriteEndArray();
                    Write(json, "skipped", batch.Skipped);
                    Write(json, "problems", batch.Problems);
                    break;
                case Normalised.Unreadable unreadable:
                    json.WriteString("unreadable", unreadable.Reason);
                    break;
                case Normalised.WrongAccount wrong:
                    json.WriteString("wrong_account", wrong.Named);
                    break;
                default:
                    throw new NotSupportedException(normalised.ToString());
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
