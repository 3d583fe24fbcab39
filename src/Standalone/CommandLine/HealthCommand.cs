using System.CommandLine;
using System.Text.Json;

namespace Parley.Standalone.CommandLine;

/// <summary><c>parley health</c></summary>
internal static class HealthCommand
{
    public static Command Create()
    {
        var command = new Command("health", "Asks a running instance how it is. Exit code 0: healthy; 1: degraded or unhealthy; 2: it cannot be reached")
        {
            Options.Url, Options.Json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var instance = Instance.Of(parsed);
            var answer = await instance.GetAsync("/api/v2/health", null, cancellation);
            var health = answer.Json();
            if (health.ValueKind != JsonValueKind.Object || !health.TryGetProperty("status", out var status))
            {
                throw new CommandException($"what answers at {instance.Url} is not Parley (--url): HTTP {answer.Status}", 2);
            }

            Console.Out.WriteLine(parsed.GetValue(Options.Json) ? answer.Text : Words(health));
            return status.GetString() == "healthy" ? 0 : 1;
        });
        return command;
    }

    /// <summary>For example: healthy (store healthy, broker healthy, backplane healthy, engine healthy).</summary>
    internal static string Words(JsonElement health)
    {
        var databases = health.TryGetProperty("databases", out var found) && found.ValueKind == JsonValueKind.Object ? found.EnumerateObject().ToList() : [];
        var parts = databases.Concat(health.EnumerateObject().Where(p => p.Name is "broker" or "backplane" or "engine" && p.Value.ValueKind == JsonValueKind.String));
        return $"{health.GetProperty("status")} ({string.Join(", ", parts.Select(p => $"{p.Name} {p.Value}"))})";
    }
}
