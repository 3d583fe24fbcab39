using System.Globalization;

namespace Parley.Dispatcher.Sending;

/// <summary>Cuts text that is longer than a channel takes. Pure: the same text always gives the same parts.</summary>
internal static class TextSplitter
{
    /// <summary>
    /// The text in parts of at most <paramref name="limit"/> UTF-16 units, cut where it hurts least: between paragraphs, lines, sentences,
    /// words, else between characters as a reader sees them. Only white space at the cuts is lost. Text that fits is one part, as it is.
    /// </summary>
    public static IReadOnlyList<string> Split(string text, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 2);
        if (text.Length <= limit) return [text];

        var parts = new List<string>();
        var rest = text.AsSpan().Trim();
        while (rest.Length > limit)
        {
            var cut = Cut(rest, limit);
            parts.Add(rest[..cut].TrimEnd().ToString());
            rest = rest[cut..].TrimStart();
        }

        if (rest.Length > 0 || parts.Count == 0) parts.Add(rest.ToString());
        return parts;
    }

    // The rest is longer than the limit and does not begin with white space, so every cut leaves something in front of it.
    private static int Cut(ReadOnlySpan<char> rest, int limit)
    {
        // A separator may begin right behind the last character that fits.
        var window = rest[..(limit + 1)];
        // A part that is less than half full is worse than one that ends at a lesser boundary.
        var earliest = limit / 2;

        var paragraph = window.LastIndexOf("\n\n");
        if (paragraph > earliest) return paragraph;
        var line = window.LastIndexOf('\n');
        if (line > earliest) return line;
        var sentence = LastSentence(window);
        if (sentence > earliest) return sentence;
        var word = LastWhiteSpace(window);
        return word > 0 ? word : LastCharacter(rest, limit);
    }

    private static int LastSentence(ReadOnlySpan<char> window)
    {
        for (var i = window.Length - 1; i > 0; i--)
        {
            if (char.IsWhiteSpace(window[i]) && window[i - 1] is '.' or '!' or '?' or '…' or '。' or '！' or '？') return i;
        }

        return -1;
    }

    private static int LastWhiteSpace(ReadOnlySpan<char> window)
    {
        for (var i = window.Length - 1; i > 0; i--)
        {
            if (char.IsWhiteSpace(window[i])) return i;
        }

        return -1;
    }

    private static int LastCharacter(ReadOnlySpan<char> rest, int limit)
    {
        var end = 0;
        while (true)
        {
            var next = end + StringInfo.GetNextTextElementLength(rest[end..]);
            if (next > limit) break;
            end = next;
        }

        if (end > 0) return end;
        // One character of more units than fit (marks without end): cut it, but never through a surrogate pair.
        return char.IsHighSurrogate(rest[limit - 1]) && char.IsLowSurrogate(rest[limit]) ? limit - 1 : limit;
    }
}
