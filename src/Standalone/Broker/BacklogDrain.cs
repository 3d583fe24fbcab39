namespace Parley.Standalone.Broker;

/// <summary>Holds the stop up, while HTTP is closed and the consumers still run, until what was accepted is processed.</summary>
internal sealed partial class BacklogDrain(Backlog backlog, TimeProvider time, ILogger<BacklogDrain> log) : IHostedService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (!backlog.IsDone && !cancellationToken.IsCancellationRequested)
        {
            if (time.GetElapsedTime(started) > Patience)
            {
                LogLeft();
                return;
            }

            await Task.Delay(Poll, time, CancellationToken.None);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Stopped with messages that are not processed yet; the embedded broker does not keep them")]
    private partial void LogLeft();
}
