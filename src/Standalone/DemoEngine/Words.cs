using System.Globalization;

namespace Parley.Standalone.DemoEngine;

/// <summary>Lists, dates and amounts as people say them.</summary>
internal static class Words
{
    /// <summary>a, b and c.</summary>
    public static string List(IReadOnlyList<string> items) =>
        items.Count < 2 ? string.Concat(items) : $"{string.Join(", ", items.Take(items.Count - 1))} and {items[^1]}";

    /// <summary>today, tomorrow, yesterday, or on Thursday 26 November.</summary>
    public static string Day(DateOnly day, DateOnly today) => (day.DayNumber - today.DayNumber) switch
    {
        0 => "today",
        1 => "tomorrow",
        -1 => "yesterday",
        _ => "on " + day.ToString("dddd d MMMM", CultureInfo.InvariantCulture),
    };

    public static string Money(int cents) => "€" + (cents / 100m).ToString("0.00", CultureInfo.InvariantCulture);
}
