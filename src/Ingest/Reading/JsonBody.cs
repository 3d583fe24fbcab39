using System.Text.Json;
using System.Text.Unicode;

namespace Parley.Ingest.Reading;

/// <summary>Reads JSON that strangers sent: bounded depth, a repair for half emojis, no exceptions.</summary>
internal static class JsonBody
{
    public const int MaxDepth = 32;

    /// <summary>Parses a body; false, with the reason, when it is not JSON (or not UTF-8, or nested deeper than <see cref="MaxDepth"/>).</summary>
    /// <param name="unique">Also refuse an object that has a member twice.</param>
    public static bool TryParse(ReadOnlyMemory<byte> body, out JsonDocument document, out string reason, bool unique = false)
    {
        document = null!;
        reason = "the body is not UTF-8";
        if (!Utf8.IsValid(body.Span)) return false;
        if (body.Span.StartsWith("\uFEFF"u8)) body = body[3..];

        try
        {
            document = JsonDocument.Parse(
                WithoutLoneSurrogates(body), new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = !unique });
            return true;
        }
        catch (JsonException e)
        {
            reason = $"the body is not JSON: {e.Message}";
            return false;
        }
    }

    /// <summary>
    /// Replaces <c>\ud83d</c> without its other half by <c>\ufffd</c>. Profile names are cut in the middle of an emoji; such an escape
    /// parses, and then throws wherever the text is read, here or in another process.
    /// </summary>
    private static ReadOnlyMemory<byte> WithoutLoneSurrogates(ReadOnlyMemory<byte> body)
    {
        var json = body.Span;
        byte[]? repaired = null;
        for (var at = json.IndexOf((byte)'\\'); at >= 0 && at < json.Length;)
        {
            if (IsHighHalf(json[at..]) && IsLowHalf(json[(at + 6)..]))
            {
                at += 12;
            }
            else if (IsHighHalf(json[at..]) || IsLowHalf(json[at..]))
            {
                repaired ??= body.ToArray();
                "\\ufffd"u8.CopyTo(repaired.AsSpan(at));
                at += 6;
            }
            else
            {
                // Two bytes, so that the second backslash of \\ is not taken for the start of an escape.
                at += 2;
            }

            if (at >= json.Length) break;
            var next = json[at..].IndexOf((byte)'\\');
            at = next < 0 ? -1 : at + next;
        }

        return repaired ?? body;
    }

    private static bool IsHighHalf(ReadOnlySpan<byte> json) => IsEscapeD(json) && (char)json[3] is '8' or '9' or 'a' or 'b' or 'A' or 'B';

    private static bool IsLowHalf(ReadOnlySpan<byte> json) => IsEscapeD(json) && (char)json[3] is (>= 'c' and <= 'f') or (>= 'C' and <= 'F');

    // \uDxxx: a half when the next digit is 8 or above.
    private static bool IsEscapeD(ReadOnlySpan<byte> json) => json.Length >= 6 && json[0] == '\\' && json[1] == 'u' && (json[2] | 0x20) == 'd';
}
