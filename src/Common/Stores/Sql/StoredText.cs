using System.Buffers;
using System.Text;

namespace Parley.Common.Stores.Sql;

/// <summary>Text as it stands in a column: a NUL, which PostgreSQL's text cannot hold, is <c>\0</c>, a backslash is doubled.</summary>
/// <remarks>Ids come from other people's systems. One that cannot be stored would stop its conversation and the group it is committed with.</remarks>
internal static class StoredText
{
    private static readonly SearchValues<char> Special = SearchValues.Create("\\\0");

    public static string Encode(string text) => !text.AsSpan().ContainsAny(Special)
        ? text
        : text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\0", "\\0", StringComparison.Ordinal);

    public static string Decode(string stored)
    {
        if (!stored.Contains('\\', StringComparison.Ordinal)) return stored;

        var text = new StringBuilder(stored.Length);
        for (var i = 0; i < stored.Length; i++)
        {
            if (stored[i] != '\\') text.Append(stored[i]);
            else text.Append(stored[++i] == '0' ? '\0' : '\\');
        }

        return text.ToString();
    }
}
