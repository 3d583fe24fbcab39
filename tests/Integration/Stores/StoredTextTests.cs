using Parley.Common.Stores.Sql;

namespace Parley.Integration.Stores;

public sealed class StoredTextTests
{
    [Theory]
    [InlineData("wamid.HBgL==", "wamid.HBgL==")]
    [InlineData("", "")]
    [InlineData("a\0b", "a\\0b")]
    [InlineData("a\\0b", "a\\\\0b")]
    [InlineData("\\", "\\\\")]
    [InlineData("\0\\\0", "\\0\\\\\\0")]
    public void Text_is_stored_without_NUL_and_comes_back(string text, string stored)
    {
        Assert.Equal(stored, StoredText.Encode(text));
        Assert.Equal(text, StoredText.Decode(stored));
    }
}
