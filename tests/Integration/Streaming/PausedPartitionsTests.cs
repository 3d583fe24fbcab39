using System.Collections.Concurrent;
using Parley.Common.Streaming;
using Parley.TestKit;
using Parley.TestKit.Kafka;

namespace Parley.Integration.Streaming;

/// <summary>The client goes on holding a partition paused when it goes to another member and comes back.</summary>
public sealed class PausedPartitionsTests
{
    private const int Conversations = 60;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(BrokerKind.Embedded)]
    [InlineData(BrokerKind.Apache)]
    public async Task A_partition_that_was_paused_when_it_went_is_read_when_it_comes_back(BrokerKind kind)
    {
        await using var broker = await TestBroker.StartAsync(kind, _cancellation);
        var settings = StreamHost.Settings with { BufferedRecords = 8 };
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handled = new ConcurrentDictionary<string, bool>();
        var stays = await StreamHost.StartAsync(broker, settings, async (run, cancellation) =>
        {
            await open.Task.WaitAsync(cancellation);
            handled[run.Key.ConversationId] = true;
            return LaneResult.Done(run.Records.Count);
        }, _cancellation);
        await StreamHost.PublishAsync(broker, Enumerable.Range(0, Conversations).Select(i => Messages.Text("hello", $"user-{i}")));
        await Eventually.True(() => stays.Logged("is paused"), _cancellation, Patience);

        var passes = await StreamHost.StartAsync(broker, settings, async (_, cancellation) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
            return LaneResult.Done(0);
        }, _cancellation);
        await Eventually.True(() => stays.Logged("gave up"), _cancellation, Patience);
        await passes.StopAsync();

        open.SetResult();
        await Eventually.Until(() => handled.Count, n => n == Conversations, _cancellation, Patience);
        await stays.StopAsync();
    }
}
