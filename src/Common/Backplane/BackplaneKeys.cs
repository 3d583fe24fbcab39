using System.Globalization;
using System.Text;

namespace Parley.Common.Backplane;

/// <summary>Names of buckets and values that are made of parts.</summary>
public static class BackplaneKeys
{
    /// <summary>Each part with its length before it, so that no two lists of parts (no two tenants) meet in one name: <c>rate/4:demo7:visitor</c>.</summary>
    /// <param name="kind">What the name is for; a constant without <c>/</c>.</param>
    public static string Of(string kind, params ReadOnlySpan<string> parts)
    {
        var name = new StringBuilder(kind).Append('/');
        foreach (var part in parts) name.Append(CultureInfo.InvariantCulture, $"{part.Length}:{part}");
        return name.ToString();
    }
}
