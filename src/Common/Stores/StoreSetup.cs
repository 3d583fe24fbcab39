using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Parley.Common.Stores;

/// <summary>Creates or migrates the store's schema before anything else starts; waits for a store that is still starting itself.</summary>
internal sealed partial class StoreSetup(IConversationStore store, IOptions<StoreOptions> options, TimeProvider time, ILogger<StoreSetup> log)
    : IHostedLifecycleService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                await store.InitialiseAsync(cancellationToken);
                return;
            }
            catch (StoreUnavailableException e) when (time.GetElapsedTime(started) < options.Value.StartupWait)
            {
                LogWaiting(e.Message);
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(1, LogLevel.Warning, "Waiting for the store (setting Store:ConnectionString): {Reason}")]
    private partial void LogWaiting(string reason);
}
