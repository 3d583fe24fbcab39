using System.Text;

namespace Parley.Unit.Properties;

/// <summary>
/// A list of numbers from which a case is made, one draw after the other; when it is used up, every draw is zero. A shorter list, or smaller
/// numbers, make a simpler case: so shrinking the list shrinks any case, and nothing else needs a shrinker.
/// </summary>
internal sealed class Draws(int[] numbers)
{
    private static readonly string[] Snippets = ["a", "b", ":", "1", "4", "demo", "\0", "é", "e\u0301", "日本", "🎈", " ", "\n", "\"", "\\", "\uFFFD", "ß", "K"];
    private static readonly string[] Broken = ["\ud83d", "\ude00"];

    private int _used;

    public bool AreLeft => _used < numbers.Length;

    /// <summary>From 0 to <paramref name="bound"/> - 1.</summary>
    public int Below(int bound) => _used < numbers.Length ? numbers[_used++] % bound : 0;

    public int From(int least, int most) => least + Below(most - least + 1);

    public bool Flip() => Below(2) == 1;

    /// <summary>True once in so many draws.</summary>
    public bool OnceIn(int many) => Below(many) == many - 1;

    public T Of<T>(params ReadOnlySpan<T> choices) => choices[Below(choices.Length)];

    public byte[] Bytes(int most)
    {
        var bytes = new byte[Below(most + 1)];
        for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)Below(256);
        return bytes;
    }

    /// <summary>Text with everything that is apt to break a format: separators, NUL, quotes, characters outside the basic plane.</summary>
    /// <param name="mostSnippets">Of one or more characters each.</param>
    /// <param name="broken">Halves of surrogate pairs too.</param>
    public string Text(int mostSnippets, bool broken = false)
    {
        var text = new StringBuilder();
        for (var n = Below(mostSnippets + 1); n > 0; n--) text.Append(broken && OnceIn(8) ? Of(Broken) : Of(Snippets));
        return text.ToString();
    }

    /// <summary>At least one character.</summary>
    public string Id() => Of(Snippets) + Text(4);
}
