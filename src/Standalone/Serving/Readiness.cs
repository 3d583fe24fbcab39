using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Parley.Standalone.Serving;

/// <summary>Waits until everything that is tagged ready is healthy: broker and store reachable, consumers in their groups.</summary>
internal static partial class Readiness
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Impatience = TimeSpan.FromSeconds(10);

    public static async Task WaitAsync(WebApplication app, CancellationToken cancellation)
    {
        var time = app.Services.GetRequiredService<TimeProvider>();
        var health = app.Services.GetRequiredService<HealthCheckService>();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, app.Lifetime.ApplicationStopping);
        var said = time.GetTimestamp();
        while (true)
        {
            var report = await health.CheckHealthAsync(check => check.Tags.Contains("ready"), either.Token);
            if (report.Status == HealthStatus.Healthy) return;

            if (time.GetElapsedTime(said) > Impatience)
            {
                var missing = report.Entries.Where(e => e.Value.Status != HealthStatus.Healthy).Select(e => e.Value.Description is { } why ? $"{e.Key} ({why})" : e.Key);
                LogWaiting(app.Logger, string.Join(", ", missing));
                said = time.GetTimestamp();
            }

            await Task.Delay(Poll, time, either.Token);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Not ready yet, waiting for {What}")]
    private static partial void LogWaiting(ILogger log, string what);
}
