using Parley.Processor.Content;

namespace Parley.Unit.Processor;

public sealed class ContentTests
{
    [Theory]
    [InlineData("  hello \r\n", "hello")]
    [InlineData("a\u0000b\u0007c", "abc")]
    [InlineData("one\r\ntwo", "one\ntwo")]
    [InlineData("tab\tand line\nstay", "tab\tand line\nstay")]
    [InlineData("\u0085 pay \u0080me \U0001F600 ", "pay me \U0001F600")]
    public void Text_is_normalised(string text, string expected) => Assert.Equal(expected, TextNormaliser.Normalise(text));

    [Fact]
    public void Half_a_character_becomes_the_replacement_character() =>
        Assert.Equal("bad \ufffd half", TextNormaliser.Normalise("bad " + (char)0xd800 + " half"));

    [Theory]
    [InlineData("Where is my order?", "en")]
    [InlineData("Wo ist meine Bestellung?", "de")]
    [InlineData("Bonjour, où est ma commande ?", "fr")]
    [InlineData("hola, dónde está mi pedido", "es")]
    [InlineData("注文はどこですか", "ja")]
    [InlineData("我的订单在哪里", "zh")]
    [InlineData("أين طلبي", "ar")]
    [InlineData("Привет, 我的订单在哪里", "zh")]
    [InlineData("ORD123456", "")]
    [InlineData("HELLO, WHERE", "en")]
    [InlineData("pedido", "")]
    [InlineData("", "")]
    public void The_language_is_told_where_it_is_plain(string text, string expected) => Assert.Equal(expected, LanguageGuess.Of(text));

    [Fact]
    public void Entities_are_found_with_their_places()
    {
        const string text = "Order ORD123456, mail ann@example.org, call +1 650 555 1234, see https://example.org/x?y=1";
        var found = EntityExtractor.Extract(text).ToList();
        Assert.Equal(["order_number", "email", "phone", "url"], found.Select(e => e.Type));
        Assert.All(found, e => Assert.Equal(e.Value, text.Substring(e.Start, e.Length)));
    }

    [Theory]
    [InlineData("٣٤٥ please", "number", "٣٤٥")]
    [InlineData("HTTPS://EXAMPLE.ORG/a", "url", "HTTPS://EXAMPLE.ORG/a")]
    [InlineData("1.234,5", "number", "1.234")]
    public void Entities_need_no_ascii(string text, string type, string value) =>
        Assert.Contains(EntityExtractor.Extract(text), e => (e.Type, e.Value) == (type, value));

    [Fact]
    public void A_text_without_entities_has_none() => Assert.Empty(EntityExtractor.Extract("where is my order? mail: me @ home"));

    [Fact]
    public void A_text_made_to_be_slow_is_not()
    {
        var text = string.Concat(Enumerable.Repeat("a@a.a.", 3_000)) + new string('1', 3_000);
        Assert.True(EntityExtractor.Extract(text).Count <= 50);
    }
}
