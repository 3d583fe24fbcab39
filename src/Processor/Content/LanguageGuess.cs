using System.Collections.Frozen;

namespace Parley.Processor.Content;

/// <summary>
/// The language of a text, where it is plain to see: by its script, or by the commonest words of seven languages in Latin script. Empty
/// rather than wrong: a tie or a text with no such word says nothing.
/// </summary>
internal static class LanguageGuess
{
    private static readonly FrozenDictionary<string, string[]> Words = new Dictionary<string, string[]>
    {
        ["en"] = ["the", "is", "my", "where", "what", "and", "you", "please", "have", "it", "when", "order", "hello", "thanks", "not", "can", "i"],
        ["de"] = ["der", "die", "das", "ist", "wo", "und", "ich", "nicht", "bitte", "meine", "wann", "habe", "danke", "hallo", "mein", "wie"],
        ["fr"] = ["le", "la", "les", "est", "où", "et", "je", "ma", "mon", "bonjour", "merci", "pas", "quand", "commande", "vous", "pour"],
        ["es"] = ["el", "los", "está", "dónde", "mi", "pedido", "hola", "gracias", "cuándo", "por", "que", "favor", "y", "una", "para"],
        ["pt"] = ["o", "os", "está", "onde", "meu", "minha", "pedido", "olá", "obrigado", "obrigada", "quando", "não", "uma", "você"],
        ["it"] = ["il", "gli", "è", "dove", "mio", "ordine", "ciao", "grazie", "quando", "non", "che", "per", "una", "sono"],
        ["nl"] = ["het", "een", "is", "waar", "mijn", "bestelling", "hallo", "bedankt", "wanneer", "niet", "en", "ik", "de"],
    }.SelectMany(language => language.Value.Select(word => (word, language: language.Key)))
        .GroupBy(x => x.word, x => x.language).ToFrozenDictionary(g => g.Key, g => g.ToArray());

    public static string Of(string text)
    {
        if (ByScript(text) is { } script) return script;

        var votes = new Dictionary<string, int>();
        foreach (var word in text.ToLowerInvariant().Split([' ', '\n', '\t', '.', ',', '!', '?', ';', ':', '\''], StringSplitOptions.RemoveEmptyEntries).Take(200))
        {
            foreach (var language in Words.GetValueOrDefault(word, [])) votes[language] = votes.GetValueOrDefault(language) + 1;
        }

        var best = votes.OrderByDescending(v => v.Value).Take(2).ToList();
        return best.Count == 0 || (best.Count == 2 && best[0].Value == best[1].Value) ? "" : best[0].Key;
    }

    private static string? ByScript(string text)
    {
        foreach (var c in text)
        {
            switch (c)
            {
                case >= '\u3040' and <= '\u30ff': return "ja";
                case >= '\uac00' and <= '\ud7af': return "ko";
                case >= '\u0590' and <= '\u05ff': return "he";
                case >= '\u0600' and <= '\u06ff': return "ar";
                case >= '\u0900' and <= '\u097f': return "hi";
                case >= '\u0e00' and <= '\u0e7f': return "th";
                case >= '\u0370' and <= '\u03ff': return "el";
            }
        }

        // Chinese only when no kana showed that the characters are Japanese; Cyrillic alone does not tell the language.
        return text.Any(c => c is >= '\u4e00' and <= '\u9fff') ? "zh" : null;
    }
}
