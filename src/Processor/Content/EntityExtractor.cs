using System.Text.RegularExpressions;
using Parley.Engine.V1;

namespace Parley.Processor.Content;

/// <summary>Finds what an engine most often looks for: e-mail addresses, links, phone numbers, order numbers, plain numbers.</summary>
internal static partial class EntityExtractor
{
    private const int MaxEntities = 50;

    /// <summary>In order of their place; where two overlap, the earlier kind of this list wins. No backtracking: the text is a stranger's.</summary>
    public static IEnumerable<Entity> Extract(string text)
    {
        var found = new List<Entity>();
        Add("email", Email());
        Add("url", Url());
        Add("order_number", OrderNumber());
        Add("phone", Phone());
        Add("number", Number());
        return found.OrderBy(e => e.Start);

        void Add(string type, Regex pattern)
        {
            foreach (var match in pattern.EnumerateMatches(text))
            {
                if (found.Count == MaxEntities) return;
                var (start, length) = (match.Index, match.Length);
                if (found.Exists(e => start < e.Start + e.Length && e.Start < start + length)) continue;
                found.Add(new Entity { Type = type, Value = text.Substring(start, length), Start = start, Length = length });
            }
        }
    }

    [GeneratedRegex(@"[\w.+-]+@[\w-]+(\.[\w-]+)+", RegexOptions.NonBacktracking)]
    private static partial Regex Email();

    [GeneratedRegex(@"https?://[^\s<>""]+", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Url();

    [GeneratedRegex(@"\b[A-Za-z]{2,5}-?\d{4,12}\b", RegexOptions.NonBacktracking)]
    private static partial Regex OrderNumber();

    [GeneratedRegex(@"\+?\d[\d ()/-]{6,18}\d", RegexOptions.NonBacktracking)]
    private static partial Regex Phone();

    [GeneratedRegex(@"\b\d+([.,]\d+)?\b", RegexOptions.NonBacktracking)]
    private static partial Regex Number();
}
