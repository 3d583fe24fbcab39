using System.Collections.Concurrent;
using Parley.Common.Records;
using Parley.Common.Streaming;
using Parley.TestKit;
using Parley.TestKit.Kafka;

namespace Parley.Integration.Streaming;

/// <summary>Which records an earlier owner may have begun on.</summary>
public sealed class FirstOwnerTests
{
    private const int Messages = 20;
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_has_begun_on_a_topic_that_was_full_before_the_first_start_and_its_first_owner_may_have_once_it_was_there()
    {
        await using var broker = await TestBroker.StartAsync(BrokerKind.Embedded, _cancellation);
        await StreamHost.PublishAsync(broker, Enumerable.Range(0, Messages).Select(i => TestKit.Messages.Text("hello", $"user-{i}")));

        // Whatever it reads, it completes none.
        Assert.All(await DeliveredAsync(broker), mayHaveRun => Assert.False(mayHaveRun));
        Assert.All(await DeliveredAsync(broker), mayHaveRun => Assert.True(mayHaveRun));
    }

    private async Task<List<bool>> DeliveredAsync(TestBroker broker)
    {
        var delivered = new ConcurrentQueue<bool>();
        var host = await StreamHost.StartAsync(broker, StreamHost.Settings, (run, _) =>
        {
            delivered.Enqueue(run.Head.MayHaveRun);
            return Task.FromResult(LaneResult.Retry(TimeSpan.FromMinutes(1)));
        }, _cancellation);
        await Eventually.True(() => delivered.Count == Messages, _cancellation);
        await host.StopAsync();
        return [.. delivered];
    }
}
