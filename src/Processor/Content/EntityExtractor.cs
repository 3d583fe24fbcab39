using System.Text;
using System.Text.RegularExpressions;
using Parley.Engine.V1;

namespace Parley.Processor.Content;

/// <summary>Finds what an engine most often looks for: e-mail addresses, links, phone numbers, order numbers, plain numbers.</summary>
internal static partial class EntityExtractor
{
    private const int MaxEntities = 50;

    /// <summary>
    /// In order of their place; where two overlap, the earlier kind of this list wins. Never slow: the text is a stranger's. A pattern is
    /// tried only where the text has what it cannot do without, and none can look at a character more than a few times.
    /// </summary>
    public static IReadOnlyList<Entity> Extract(string text)
    {
        List<Entity>? found = null;
        if (text.Contains('@', StringComparison.Ordinal)) Add("email", Email());
        if (text.Contains("://", StringComparison.Ordinal)) Add("url", Url());
        if (HasDigit(text))
        {
            Add("order_number", OrderNumber());
            Add("phone", Phone());
            Add("number", Number());
        }

        if (found is null) return [];
        found.Sort(static (a, b) => a.Start.CompareTo(b.Start));
        return found;

        void Add(string type, Regex pattern)
        {
            foreach (var match in pattern.EnumerateMatches(text))
            {
                if (found?.Count == MaxEntities) return;
                var (start, length) = (match.Index, match.Length);
                if (found?.Exists(e => start < e.Start + e.Length && e.Start < start + length) == true) continue;
                (found ??= []).Add(new Entity { Type = type, Value = text.Substring(start, length), Start = start, Length = length });
            }
        }
    }

    private static bool HasDigit(string text)
    {
        if (text.AsSpan().ContainsAnyInRange('0', '9')) return true;
        if (Ascii.IsValid(text)) return false;
        foreach (var c in text)
        {
            if (char.IsDigit(c)) return true;
        }

        return false;
    }

    // Its parts overlap: backtracking would take quadratic time.
    [GeneratedRegex(@"[\w.+-]+@[\w-]+(\.[\w-]+)+", RegexOptions.NonBacktracking)]
    private static partial Regex Email();

    // Nothing follows the repetition: there is nothing to go back for.
    [GeneratedRegex(@"https?://[^\s<>""]+", RegexOptions.IgnoreCase)]
    private static partial Regex Url();

    // Bounded repetitions: at most a few steps from any place.
    [GeneratedRegex(@"\b[A-Za-z]{2,5}-?\d{4,12}\b")]
    private static partial Regex OrderNumber();

    [GeneratedRegex(@"\+?\d[\d ()/-]{6,18}\d")]
    private static partial Regex Phone();

    // Begins at the boundary of a word only, and its two halves share no character.
    [GeneratedRegex(@"\b\d+([.,]\d+)?\b")]
    private static partial Regex Number();
}
