using System.Globalization;
using System.Text;
using Parley.Dispatcher.Sending;

namespace Parley.Unit.Dispatcher;

public sealed class TextSplitterTests
{
    private static readonly string[] Pieces = ["a", "Wort", " ", "  ", "\n", "\n\n", ".", "! ", "é", "e\u0301", "🎈", "👩‍👩‍👧‍👦", "日本語", "\u00a0", "https://example.org/a?b=c", "\ud83d"];

    [Theory]
    [InlineData("fits as it is ", 14, "fits as it is ")]
    [InlineData("", 10, "")]
    [InlineData("one paragraph\n\nthe next", 16, "one paragraph|the next")]
    [InlineData("one line here\nthe next one", 16, "one line here|the next one")]
    [InlineData("One. Two is. Three", 15, "One. Two is.|Three")]
    [InlineData("words go over here", 10, "words go|over here")]
    [InlineData("exactly10! next", 10, "exactly10!|next")]
    [InlineData("unbreakableword", 6, "unbrea|kablew|ord")]
    [InlineData("🎈🎈🎈🎈", 5, "🎈🎈|🎈🎈")]
    [InlineData("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 15, "👩‍👩‍👧‍👦|👩‍👩‍👧‍👦")]
    [InlineData("            ", 5, "")]
    public void Cuts_where_it_hurts_least(string text, int limit, string expected) => Assert.Equal(expected.Split('|'), TextSplitter.Split(text, limit));

    [Fact]
    public void For_any_text_and_limit_nothing_but_white_space_is_lost_and_no_part_is_too_long()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var text = string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => Pieces[random.Next(Pieces.Length)]));
            var limit = random.Next(2, 40);

            var parts = TextSplitter.Split(text, limit);

            Assert.NotEmpty(parts);
            Assert.All(parts, part => Assert.True(part.Length <= limit, $"seed {seed}: '{part}' is longer than {limit}"));
            Assert.Equal(WithoutWhiteSpace(text), WithoutWhiteSpace(string.Concat(parts)));
            if (parts.Count > 1) Assert.All(parts, part => Assert.False(string.IsNullOrWhiteSpace(part), $"seed {seed}: a part is empty"));
            Assert.Equal(parts, TextSplitter.Split(text, limit));
        }
    }

    [Fact]
    public void A_character_is_never_cut_through()
    {
        for (var seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            var text = string.Concat(Enumerable.Range(0, 40).Select(_ => Pieces[random.Next(Pieces.Length - 1)]));
            var characters = Characters(text).ToHashSet();
            var limit = random.Next(12, 40);

            foreach (var part in TextSplitter.Split(text, limit))
            {
                var cut = Characters(part).FirstOrDefault(c => !characters.Contains(c));
                Assert.True(cut is null, $"seed {seed}, limit {limit}: '{cut}' of '{part}' is no character of '{text}'");
            }
        }
    }

    [Fact]
    public void A_character_that_is_longer_than_a_part_is_cut_but_no_surrogate_pair_is()
    {
        var text = string.Concat(Enumerable.Repeat("\u200d🎈", 10));

        foreach (var limit in (int[])[2, 3, 4, 5])
        {
            Assert.All(TextSplitter.Split(text, limit), part => Assert.False(char.IsLowSurrogate(part[0]) || char.IsHighSurrogate(part[^1])));
        }
    }

    private static IEnumerable<string> Characters(string text)
    {
        var elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext()) yield return elements.GetTextElement();
    }

    private static string WithoutWhiteSpace(string text) => text.Aggregate(new StringBuilder(), (kept, c) => char.IsWhiteSpace(c) ? kept : kept.Append(c)).ToString();
}
