using System.Text.Json;
using Parley.Ingest.Reading;

namespace Parley.Ingest.Api.Messages;

/// <summary>Reads the members of a JSON object and notes each that is wrong, with the way to it.</summary>
internal sealed class FieldCheck(JsonElement element, List<FieldError> errors, params string[] path)
{
    public bool IsObject()
    {
        if (element.ValueKind == JsonValueKind.Object) return true;
        errors.Add(new FieldError(path, "Input should be an object", "object_type"));
        return false;
    }

    public void OnlyMembers(IReadOnlyCollection<string> known)
    {
        foreach (var member in element.EnumerateObject())
        {
            if (!known.Contains(member.Name)) Wrong(member.Name, "Extra inputs are not permitted", "extra_forbidden");
        }
    }

    /// <summary>A string that is not blank and holds no control characters (lines may break when <paramref name="multiline"/>).</summary>
    public string? Text(string name, bool required, int maxChars, bool multiline = false)
    {
        if (!Find(name, required, out var value)) return null;
        if (value.ValueKind != JsonValueKind.String) return Wrong(name, "Input should be a valid string", "string_type");

        var text = value.GetString()!;
        if (string.IsNullOrWhiteSpace(text)) return Wrong(name, "String should have at least 1 character that is not blank", "string_too_short");
        if (text.Length > maxChars) return Wrong(name, $"String should have at most {maxChars} characters", "string_too_long");
        return text.Any(c => char.IsControl(c) && !(multiline && c is '\n' or '\r' or '\t'))
            ? Wrong(name, "String should hold no control characters", "string_control_character")
            : text;
    }

    public JsonElement? Object(string name, bool required = false)
    {
        if (!Find(name, required, out var value)) return null;
        if (value.ValueKind == JsonValueKind.Object) return value;
        Wrong(name, "Input should be an object", "object_type");
        return null;
    }

    public IReadOnlyList<JsonElement> Array(string name, bool required, int maxItems)
    {
        if (!Find(name, required, out var value)) return [];
        if (value.ValueKind != JsonValueKind.Array) Wrong(name, "Input should be an array", "list_type");
        else if (value.GetArrayLength() == 0 && required) Wrong(name, "List should have at least 1 item", "too_short");
        else if (value.GetArrayLength() > maxItems) Wrong(name, $"List should have at most {maxItems} items", "too_long");
        else return [.. value.EnumerateArray()];
        return [];
    }

    public double? Number(string name, bool required, double least, double most)
    {
        if (!Find(name, required, out var value)) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= least && number <= most) return number;
        Wrong(name, $"Input should be a number from {least} to {most}", "number_range");
        return null;
    }

    /// <summary>Notes that a member is wrong; always null, to be returned.</summary>
    public string? Wrong(string name, string message, string type)
    {
        errors.Add(new FieldError([.. path, name], message, type));
        return null;
    }

    private bool Find(string name, bool required, out JsonElement value)
    {
        if (element.Member(name) is { } there)
        {
            value = there;
            return true;
        }

        value = default;
        if (required) Wrong(name, "Field required", "missing");
        return false;
    }
}
