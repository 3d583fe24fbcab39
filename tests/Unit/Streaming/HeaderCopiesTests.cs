using System.Text;
using Parley.Common.Streaming;

namespace Parley.Unit.Streaming;

public sealed class HeaderCopiesTests
{
    private readonly HeaderCopies _copies = new();

    [Theory]
    [InlineData("ce_specversion", "1.0")]
    [InlineData("ce_type", "parley.message.v1")]
    [InlineData("ce_source", "/parley/ingest")]
    [InlineData("content-type", "application/json")]
    public void What_nearly_all_records_share_is_kept_once(string name, string value)
    {
        var first = _copies.Of(Fresh(name), Bytes(value));
        var second = _copies.Of(Fresh(name), Bytes(value));
        Assert.Same(first.Key, second.Key);
        Assert.Same(first.Value, second.Value);
    }

    [Fact]
    public void Several_values_of_a_header_are_told_apart()
    {
        foreach (var value in new[] { "parley.message.v1", "parley.receipt.v1", "parley.command.v1", "parley.message.v1" })
        {
            Assert.Equal(value, Encoding.UTF8.GetString(_copies.Of("ce_type", Bytes(value)).Value));
        }
    }

    [Fact]
    public void A_producer_with_another_value_in_each_record_does_not_fill_the_memory()
    {
        for (var i = 0; i < 100; i++) _copies.Of("ce_source", Bytes($"/other/{i}"));
        var value = Bytes("/other/99");
        Assert.Same(value, _copies.Of("ce_source", value).Value);
    }

    [Theory]
    [InlineData("ce_id")]
    [InlineData("ce_time")]
    [InlineData("traceparent")]
    [InlineData("x-theirs")]
    public void What_differs_from_record_to_record_is_taken_as_it_comes(string name)
    {
        var value = Bytes("a");
        _copies.Of(name, Bytes("a"));
        var header = _copies.Of(name, value);
        Assert.Equal(name, header.Key);
        Assert.Same(value, header.Value);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Fresh(string text) => new([.. text]);
}
