using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.LoadTest.Results;

/// <summary>Results as JSON.</summary>
internal static class ReportJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, IncludeFields = true,
    };

    /// <summary>The table alone: an array of measure, value, goal, holds.</summary>
    public static string Measures(IReadOnlyList<Measure> measures) =>
        JsonSerializer.Serialize(measures.Select(m => new { Measure = m.Name, m.Value, m.Goal, m.Holds }), Options);

    public static string Everything(Report report) => JsonSerializer.Serialize(
        new
        {
            report.Machine,
            Measures = report.Measures.Select(m => new { Measure = m.Name, m.Value, m.Goal, m.Holds }),
            report.Runs,
        },
        Options);
}
