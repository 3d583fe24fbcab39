using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Parley.Ingest.Health;

/// <summary>How the installation is, part by part. A part that this host does not use is left out.</summary>
internal sealed record HealthAnswer(
    string Status, IReadOnlyDictionary<string, string> Databases, string? Broker, string? Backplane, string? Engine, DateTimeOffset Timestamp)
{
    public static HealthAnswer Of(HealthReport report, DateTimeOffset now) => new(
        Word(report.Status),
        report.Entries.Where(e => e.Key == "store").ToDictionary(e => e.Key, e => Word(e.Value.Status)),
        WordOf(report, "broker"), WordOf(report, "backplane"), WordOf(report, "engine"), now);

    private static string? WordOf(HealthReport report, string part) => report.Entries.TryGetValue(part, out var entry) ? Word(entry.Status) : null;

    // No descriptions: they name hosts, and this answer needs no token.
    private static string Word(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };
}
