using Parley.Dispatcher.Sending;

namespace Parley.Unit.Properties;

public sealed class SplitterProperties
{
    [Fact]
    public void The_parts_of_a_text_are_the_text_but_for_white_space_at_the_cuts() => Property.ForAll(Long, given =>
    {
        var parts = TextSplitter.Split(given.Text, given.Limit);

        Assert.All(parts, part => Assert.InRange(part.Length, given.Text.Length == 0 ? 0 : parts.Count > 1 ? 1 : 0, given.Limit));
        if (given.Text.Length <= given.Limit) Assert.Equal([given.Text], parts);

        // Every part stands in the text behind the one before it, and between them there is nothing to read.
        var at = 0;
        foreach (var part in parts)
        {
            while (at < given.Text.Length && char.IsWhiteSpace(given.Text[at]) && !given.Text.AsSpan(at).StartsWith(part)) at++;
            Assert.True(given.Text.AsSpan(at).StartsWith(part), $"'{part}' does not follow");
            at += part.Length;
        }

        Assert.True(string.IsNullOrWhiteSpace(given.Text[at..]), $"'{given.Text[at..]}' is lost");
    }, cases: 5_000, draws: 120);

    [Fact]
    public void No_part_of_whole_characters_has_half_a_character() => Property.ForAll(Long, given => Assert.All(TextSplitter.Split(given.Text, given.Limit), part =>
    {
        for (var i = 0; i < part.Length; i++)
        {
            if (char.IsHighSurrogate(part[i])) Assert.True(i + 1 < part.Length && char.IsLowSurrogate(part[++i]), "a high surrogate alone");
            else Assert.False(char.IsLowSurrogate(part[i]), "a low surrogate alone");
        }
    }), cases: 5_000, draws: 120);

    private static Case Long(Draws d) => new(d.From(2, 30), d.Text(100));

    private sealed record Case(int Limit, string Text);
}
