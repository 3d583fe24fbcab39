using System.Buffers;
using System.Text;

namespace Parley.Processor.Content;

/// <summary>Text as the engine should see it: valid UTF-16, without control characters, line ends as \n, no blanks around it.</summary>
internal static class TextNormaliser
{
    // Everything that may not stay as it is: control characters but \n and \t, and surrogates, which may be halves.
    private static readonly SearchValues<char> Suspect = SearchValues.Create(
        [.. Enumerable.Range(0, 0xa0).Select(c => (char)c).Where(c => char.IsControl(c) && c is not ('\n' or '\t')), .. Enumerable.Range(0xd800, 0x800).Select(c => (char)c)]);

    public static string Normalise(string text) => text.AsSpan().ContainsAny(Suspect) ? Clean(text) : text.Trim();

    private static string Clean(string text)
    {
        var buffer = ArrayPool<char>.Shared.Rent(text.Length);
        var used = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            // EnumerateRunes turns a lone surrogate into U+FFFD, so what is written is valid UTF-16, and never longer than what was read.
            if (Rune.IsControl(rune) && rune.Value is not ('\n' or '\t')) continue;
            used += rune.EncodeToUtf16(buffer.AsSpan(used));
        }

        var clean = new string(buffer.AsSpan(0, used).Trim());
        ArrayPool<char>.Shared.Return(buffer);
        return clean;
    }
}
