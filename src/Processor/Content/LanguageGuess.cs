using System.Buffers;
using System.Collections.Frozen;

namespace Parley.Processor.Content;

/// <summary>
/// The language of a text, where it is plain to see: by its script, or by the commonest words of seven languages in Latin script. Empty
/// rather than wrong: a tie or a text with no such word says nothing.
/// </summary>
internal static class LanguageGuess
{
    /// <summary>More words than these tell no more.</summary>
    private const int MaxWords = 200;

    private static readonly string[] Languages = ["en", "de", "fr", "es", "pt", "it", "nl"];

    private static readonly string[][] CommonWords =
    [
        ["the", "is", "my", "where", "what", "and", "you", "please", "have", "it", "when", "order", "hello", "thanks", "not", "can", "i"],
        ["der", "die", "das", "ist", "wo", "und", "ich", "nicht", "bitte", "meine", "wann", "habe", "danke", "hallo", "mein", "wie"],
        ["le", "la", "les", "est", "où", "et", "je", "ma", "mon", "bonjour", "merci", "pas", "quand", "commande", "vous", "pour"],
        ["el", "los", "está", "dónde", "mi", "pedido", "hola", "gracias", "cuándo", "por", "que", "favor", "y", "una", "para"],
        ["o", "os", "está", "onde", "meu", "minha", "pedido", "olá", "obrigado", "obrigada", "quando", "não", "uma", "você"],
        ["il", "gli", "è", "dove", "mio", "ordine", "ciao", "grazie", "quando", "non", "che", "per", "una", "sono"],
        ["het", "een", "is", "waar", "mijn", "bestelling", "hallo", "bedankt", "wanneer", "niet", "en", "ik", "de"],
    ];

    /// <summary>The languages of a word, by their place in <see cref="Languages"/>.</summary>
    private static readonly FrozenDictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> LanguagesOf = CommonWords
        .SelectMany((words, language) => words.Select(word => (word, language)))
        .GroupBy(x => x.word, x => x.language)
        .ToFrozenDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal)
        .GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly int LongestWord = CommonWords.Max(words => words.Max(w => w.Length));
    private static readonly SearchValues<char> Separators = SearchValues.Create(" \n\t.,!?;:'");

    /// <summary>Every character that tells the language by itself.</summary>
    private static readonly SearchValues<char> OneLanguageScripts = SearchValues.Create([.. Enumerable.Range(0, 0x10000).Select(c => (char)c).Where(c => ByCharacter(c) is not null)]);

    public static string Of(string text) => ByScript(text) ?? ByWords(text);

    private static string ByWords(string text)
    {
        Span<int> votes = stackalloc int[Languages.Length];
        votes.Clear();
        Span<char> lower = stackalloc char[LongestWord];
        var words = 0;
        foreach (var range in text.AsSpan().SplitAny(Separators))
        {
            var word = text.AsSpan(range);
            if (word.IsEmpty) continue;
            if (++words > MaxWords) break;
            if (word.Length > LongestWord) continue;

            word.ToLowerInvariant(lower);
            if (!LanguagesOf.TryGetValue(lower[..word.Length], out var languages)) continue;
            foreach (var language in languages) votes[language]++;
        }

        var (best, tied) = (0, false);
        for (var i = 1; i < votes.Length; i++)
        {
            if (votes[i] > votes[best]) (best, tied) = (i, false);
            else if (votes[i] == votes[best]) tied = true;
        }

        return votes[best] == 0 || tied ? "" : Languages[best];
    }

    private static string? ByScript(string text)
    {
        if (text.AsSpan().IndexOfAny(OneLanguageScripts) is >= 0 and var at) return ByCharacter(text[at]);

        // Chinese only when no kana showed that the characters are Japanese; Cyrillic alone does not tell the language.
        return text.AsSpan().ContainsAnyInRange('\u4e00', '\u9fff') ? "zh" : null;
    }

    private static string? ByCharacter(char c) => c switch
    {
        >= '\u3040' and <= '\u30ff' => "ja",
        >= '\uac00' and <= '\ud7af' => "ko",
        >= '\u0590' and <= '\u05ff' => "he",
        >= '\u0600' and <= '\u06ff' => "ar",
        >= '\u0900' and <= '\u097f' => "hi",
        >= '\u0e00' and <= '\u0e7f' => "th",
        >= '\u0370' and <= '\u03ff' => "el",
        _ => null,
    };
}
