using System.Globalization;
using System.Text.Json;
using Parley.Ingest.Reading;

namespace Parley.Ingest.Channels;

/// <summary>Times as channels write them: seconds or milliseconds since 1970, as a number or as a string.</summary>
internal static class UnixTime
{
    // 10^12 s is the year 33658, 10^12 ms is 2001: what is larger is milliseconds.
    private const long FirstMilliseconds = 1_000_000_000_000;
    private const long LastMilliseconds = 253_402_300_799_999;

    /// <summary>The time of a member; null when it is missing, not a number, zero or beyond the year 9999.</summary>
    public static DateTimeOffset? UnixTimeOf(this JsonElement element, string name)
    {
        if (!long.TryParse(element.Id(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value)) return null;
        return value switch
        {
            <= 0 or > LastMilliseconds => null,
            >= FirstMilliseconds => DateTimeOffset.FromUnixTimeMilliseconds(value),
            > LastMilliseconds / 1000 => null,
            _ => DateTimeOffset.FromUnixTimeSeconds(value),
        };
    }
}
