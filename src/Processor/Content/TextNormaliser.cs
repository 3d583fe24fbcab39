using System.Text;

namespace Parley.Processor.Content;

/// <summary>Text as the engine should see it: valid UTF-16, without control characters, line ends as \n, no blanks around it.</summary>
internal static class TextNormaliser
{
    public static string Normalise(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            // EnumerateRunes turns a lone surrogate into U+FFFD, so what follows is valid UTF-16.
            if (rune.Value is '\r') continue;
            if (Rune.IsControl(rune) && rune.Value is not ('\n' or '\t')) continue;
            clean.Append(rune.ToString());
        }

        return clean.ToString().Trim();
    }
}
