using Parley.Common.Conversations;

namespace Parley.Unit.Conversations;

public sealed class ConversationKeyTests
{
    [Theory]
    [InlineData("demo", "c_1", "4:demo:c_1")]
    [InlineData("a:b", "c", "3:a:b:c")]
    [InlineData("täst", "ü:x", "5:täst:ü:x")]
    [InlineData("😀", "x", "4:😀:x")]
    public void Writes_and_reads_back(string tenant, string conversation, string recordKey)
    {
        var key = new ConversationKey(tenant, conversation);
        Assert.Equal(recordKey, key.ToRecordKey());
        Assert.True(ConversationKey.TryParse(recordKey, out var parsed, out _));
        Assert.Equal(key, parsed);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("demo")]
    [InlineData("4:demo")]
    [InlineData("4:demo:")]
    [InlineData("5:demo:c")]
    [InlineData("x:demo:c")]
    [InlineData("-1:demo:c")]
    [InlineData(":demo:c")]
    [InlineData("99999:demo:c")]
    [InlineData("0::c")]
    public void Refuses_what_is_not_a_key(string? recordKey)
    {
        Assert.False(ConversationKey.TryParse(recordKey, out _, out var error));
        Assert.NotEmpty(error);
    }

    [Fact]
    public void No_two_pairs_share_a_key()
    {
        var random = new Random(7);
        var seen = new Dictionary<string, ConversationKey>();
        const string alphabet = "a:1é";
        for (var i = 0; i < 20_000; i++)
        {
            var key = new ConversationKey(Any(), Any());
            if (seen.TryGetValue(key.ToRecordKey(), out var other)) Assert.Equal(other, key);
            seen[key.ToRecordKey()] = key;
        }

        string Any() => string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => alphabet[random.Next(alphabet.Length)]));
    }
}
