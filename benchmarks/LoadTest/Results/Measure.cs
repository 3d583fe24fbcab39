using System.Globalization;

namespace Parley.LoadTest.Results;

/// <summary>A line of the table: what was measured, and whether it is what is wanted.</summary>
/// <param name="Value">As it is shown.</param>
/// <param name="Holds">Null for a value without a goal, or when it could not be measured.</param>
internal sealed record Measure(string Name, string Value, string Goal, bool? Holds)
{
    public static Measure AtLeast(string name, double? value, double goal, string format = "F2") => value is { } known
        ? new Measure(name, Text(known, format), "≥ " + goal.ToString(CultureInfo.InvariantCulture), known >= goal)
        : new Measure(name, "not measured", "≥ " + goal.ToString(CultureInfo.InvariantCulture), null);

    public static Measure AtMost(string name, double? value, double goal, string format = "F2") => value is { } known
        ? new Measure(name, Text(known, format), "≤ " + goal.ToString(CultureInfo.InvariantCulture), known <= goal)
        : new Measure(name, "not measured", "≤ " + goal.ToString(CultureInfo.InvariantCulture), null);

    public static Measure Plain(string name, double? value, string format = "N0") => new(name, value is { } known ? Text(known, format) : "not measured", "", null);

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
