using System.Buffers;
using System.Text.Json;

namespace Parley.Ingest.Reading;

/// <summary>Members of JSON whose shape nobody guarantees: what is not there, or of another kind, is null.</summary>
internal static class JsonMembers
{
    public static JsonElement? Member(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;

    public static JsonElement? Object(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Object } member ? member : null;

    /// <summary>A string; null for "", which is how some payloads say absent.</summary>
    public static string? Text(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.String } member && member.GetString() is { Length: > 0 } text ? text : null;

    /// <summary>An id, which providers write as a string or as a number; digits are kept as they stand, never through a double.</summary>
    public static string? Id(this JsonElement element, string name) => element.Member(name) switch
    {
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        _ => element.Text(name),
    };

    public static bool Flag(this JsonElement element, string name) => element.Member(name) is { ValueKind: JsonValueKind.True };

    public static IEnumerable<JsonElement> Items(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    /// <summary>A JSON object of those members that are there; null when none is.</summary>
    public static JsonElement? ObjectOf(params ReadOnlySpan<(string Name, JsonElement? Value)> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        var any = false;
        foreach (var (name, value) in members)
        {
            if (value is not { } there) continue;
            writer.WritePropertyName(name);
            there.WriteTo(writer);
            any = true;
        }

        writer.WriteEndObject();
        writer.Flush();
        if (!any) return null;
        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return document.RootElement.Clone();
    }
}
