using System.Text.Json;
using System.Text;
using Parley.Ingest.Reading;

namespace Parley.Unit.Ingest.Reading;

public sealed class JsonBodyTests
{
    [Theory]
    [InlineData(@"""\ud83d\ude00""", "😀")]
    [InlineData(@"""\uD83D\uDE00""", "😀")]
    [InlineData(@"""\ud83d""", "\ufffd")]
    [InlineData(@"""\ude00""", "\ufffd")]
    [InlineData(@"""\ude00\ud83d""", "\ufffd\ufffd")]
    [InlineData(@"""\ud83d\ud83d\ude00""", "\ufffd😀")]
    [InlineData(@"""\ud83d\n""", "\ufffd\n")]
    [InlineData(@"""\\ud83d""", @"\ud83d")]
    [InlineData(@"""\\\ud83d\\""", "\\\ufffd\\")]
    [InlineData(@"""\""\ud83d\""""", "\"\ufffd\"")]
    [InlineData(@"""\ud7ff\ue000""", "\ud7ff\ue000")]
    [InlineData(@"""\u00e4\/""", "ä/")]
    public void Half_an_emoji_becomes_a_replacement_character(string json, string expected)
    {
        Assert.True(JsonBody.TryParse(Encoding.UTF8.GetBytes(json), out var document, out _));
        using (document) Assert.Equal(expected, document.RootElement.GetString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} x")]
    [InlineData("{'a':1}")]
    [InlineData("\"\\ud83")]
    [InlineData("\"\\")]
    [InlineData("NaN")]
    public void What_is_not_JSON_is_refused_with_a_reason(string json)
    {
        Assert.False(JsonBody.TryParse(Encoding.UTF8.GetBytes(json), out _, out var reason));
        Assert.StartsWith("the body is not JSON", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_not_UTF_8_are_refused()
    {
        Assert.False(JsonBody.TryParse(new byte[] { (byte)'"', 0xC3, (byte)'"' }, out _, out var reason));
        Assert.Equal("the body is not UTF-8", reason);
    }

    [Theory]
    [InlineData(JsonBody.MaxDepth, true)]
    [InlineData(JsonBody.MaxDepth + 1, false)]
    [InlineData(10_000, false)]
    public void Nesting_is_bounded(int depth, bool accepted)
    {
        var json = new string('[', depth) + new string(']', depth);
        var parsed = JsonBody.TryParse(Encoding.UTF8.GetBytes(json), out var document, out _);
        Assert.Equal(accepted, parsed);
        document?.Dispose();
    }

    [Fact]
    public void A_byte_order_mark_is_skipped()
    {
        Assert.True(JsonBody.TryParse(new byte[] { 0xEF, 0xBB, 0xBF, (byte)'7' }, out var document, out _));
        using (document) Assert.Equal(JsonValueKind.Number, document.RootElement.ValueKind);
    }

    [Fact]
    public void Members_that_come_twice_are_refused_where_asked()
    {
        var json = """{"a":1,"a":2}"""u8.ToArray();
        Assert.True(JsonBody.TryParse(json, out var document, out _));
        document.Dispose();
        Assert.False(JsonBody.TryParse(json, out _, out _, unique: true));
    }
}
