using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Parley.Standalone.Simulator;

/// <summary>How the simulator behaves; setting <c>Simulator</c>.</summary>
internal sealed class SimulatorOptions
{
    /// <summary>Time before each of sent, delivered and read (default: 400 ms).</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan StatusDelay { get; set; } = TimeSpan.FromMilliseconds(400);
}

/// <summary>Lets sent, delivered and read, or failed, follow a message. A webhook that is not answered 200 is repeated for a while.</summary>
internal sealed partial class StatusSender(
    SimulatedChats chats, WebhookSender webhooks, IOptions<SimulatorOptions> options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<StatusSender> log)
{
    private const int Tries = 6;

    /// <summary>Goes on in the background until the process stops.</summary>
    public void Follow(ChatMessage message) => _ = Task.Run(() => FollowAsync(message, lifetime.ApplicationStopping));

    private async Task FollowAsync(ChatMessage message, CancellationToken stopping)
    {
        try
        {
            var error = GraphError.LaterFor(message.User);
            foreach (var status in error is null ? new[] { "sent", "delivered", "read" } : ["failed"])
            {
                await Task.Delay(options.Value.StatusDelay, time, stopping);
                chats.SetStatus(message.Id, status, error is var (code, title, _) ? $"{code} {title}" : null);
                await PostAsync(message.Account, WebhookBodies.Status(message, status, time.GetUtcNow(), error), stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The process ends; the real one would go on knocking.
        }
    }

    private async Task PostAsync(string account, byte[] body, CancellationToken stopping)
    {
        var wait = TimeSpan.FromMilliseconds(500);
        for (var attempt = 1; ; attempt++)
        {
            string problem;
            try
            {
                var status = await webhooks.PostAsync(account, body, stopping);
                if (status == StatusCodes.Status200OK) return;
                problem = $"HTTP {status}";
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !stopping.IsCancellationRequested)
            {
                problem = e.Message;
            }

            if (attempt == Tries)
            {
                LogGaveUp(account, problem);
                return;
            }

            await Task.Delay(wait, time, stopping);
            wait *= 2;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Simulator: a status webhook for {Account} was not taken: {Problem}")]
    private partial void LogGaveUp(string account, string problem);
}
