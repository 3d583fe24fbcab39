using System.Collections.Concurrent;
using Confluent.Kafka;
using Parley.Common.Records;
using Parley.Common.Streaming;
using Parley.TestKit;
using Parley.TestKit.Kafka;

namespace Parley.Integration.Streaming;

/// <summary>What a run leaves under way holds back the offsets, and nothing else.</summary>
public sealed class UnderWayTests
{
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_lane_goes_on_and_the_offset_waits_for_what_is_under_way()
    {
        await using var broker = await TestBroker.StartAsync(BrokerKind.Embedded, _cancellation);
        var underWay = new TaskCompletionSource();
        var held = -1;
        var runs = 0;
        var host = await StreamHost.StartAsync(broker, StreamHost.Settings with { RecordsPerRun = 1 }, (run, _) =>
        {
            var isFirst = run.Head.Decoded is DecodedRecord.OfMessage { Message.MessageId: "m-1" };
            if (isFirst) held = run.Head.Partition;
            Interlocked.Increment(ref runs);
            return Task.FromResult(LaneResult.Done(1, isFirst ? underWay.Task : null));
        }, _cancellation);
        await StreamHost.PublishAsync(broker, [Messages.Text("one", id: "m-1"), Messages.Text("two", id: "m-2"), .. Enumerable.Range(2, 20).Select(i => Messages.Text("other", $"user-{i}"))]);
        await Eventually.True(() => Volatile.Read(ref runs) == 22, _cancellation);

        // Other partitions' offsets are committed: this one's would be, too.
        await Eventually.Until(() => Committed(broker), offsets => offsets.Where((_, p) => p != held).All(o => o > 0), _cancellation);
        Assert.Equal(0, Committed(broker)[held]);
        underWay.SetResult();
        await Eventually.Until(() => Committed(broker), offsets => offsets.Sum() == 22, _cancellation);
        await host.StopAsync();
    }

    [Fact]
    public async Task The_offset_stays_where_it_is_when_it_fails()
    {
        await using var broker = await TestBroker.StartAsync(BrokerKind.Embedded, _cancellation);
        var host = await StreamHost.StartAsync(
            broker, StreamHost.Settings, (_, _) => Task.FromResult(LaneResult.Done(1, Task.FromException(new InvalidOperationException("no")))), _cancellation);
        await StreamHost.PublishAsync(broker, [Messages.Text("one", id: "m-1")]);
        await Eventually.True(() => host.Logged("left under way failed"), _cancellation);
        await host.StopAsync();

        Assert.All(Committed(broker), offset => Assert.Equal(0, offset));
    }

    [Fact]
    public async Task A_record_that_cannot_be_handled_does_not_let_go_of_what_those_before_it_left_under_way()
    {
        await using var broker = await TestBroker.StartAsync(BrokerKind.Embedded, _cancellation);
        var underWay = new TaskCompletionSource();
        var runs = 0;
        await StreamHost.PublishAsync(broker, [Messages.Text("one", id: "m-1"), Messages.Text("two", id: "m-2"), Messages.Text("three", id: "m-3")]);
        var host = await StreamHost.StartAsync(
            broker, StreamHost.Settings,
            (run, _) => Task.FromResult(Interlocked.Increment(ref runs) == 1 && run.Records.Count > 1
                ? LaneResult.Unhandled("no", completed: 1) with { After = underWay.Task }
                : LaneResult.Done(run.Records.Count)),
            _cancellation);
        await Eventually.True(() => host.Logged("Dead letter") && Volatile.Read(ref runs) == 2, _cancellation);

        Assert.Equal(0, Committed(broker).Sum());
        underWay.SetResult();
        await Eventually.Until(() => Committed(broker), offsets => offsets.Sum() == 3, _cancellation);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_lane_is_not_forgotten_while_something_that_later_runs_have_to_await_is_under_way()
    {
        await using var broker = await TestBroker.StartAsync(BrokerKind.Embedded, _cancellation);
        var underWay = new TaskCompletionSource();
        var handled = new ConcurrentQueue<string>();
        await StreamHost.PublishAsync(broker, [Messages.Text("one", id: "m-1"), Messages.Text("two", id: "m-2")]);
        var host = await StreamHost.StartAsync(broker, StreamHost.Settings, (run, _) =>
        {
            var id = ((DecodedRecord.OfMessage)run.Head.Decoded).Message.MessageId;

            // The second record may come a moment later.
            if (id == "m-1" && !run.HasMoreThan(1)) return Task.FromResult(LaneResult.Retry(TimeSpan.FromMilliseconds(10)));
            if (id == "m-1") run.Following = underWay.Task;
            handled.Enqueue($"{id} {run.Following.IsCompleted}");
            return Task.FromResult(LaneResult.Done(1));
        }, _cancellation);
        await Eventually.True(() => handled.Count == 2, _cancellation);

        await StreamHost.PublishAsync(broker, [Messages.Text("three", id: "m-3"), .. Enumerable.Range(2, 20).Select(i => Messages.Text("other", $"user-{i}", $"o-{i}"))]);
        await Eventually.True(() => handled.Count == 22, _cancellation);
        Assert.DoesNotContain("m-3", string.Join(' ', handled), StringComparison.Ordinal);
        underWay.SetResult();
        await Eventually.True(() => handled.Count == 23, _cancellation);
        await host.StopAsync();

        Assert.Equal(["m-1 False", "m-2 False", "m-3 True"], handled.Where(h => h[0] == 'm'));
    }

    /// <summary>What the group has committed, by partition.</summary>
    private static List<long> Committed(TestBroker broker)
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = broker.BootstrapServers, GroupId = StreamHost.Group }).Build();
        return [.. consumer.Committed(Enumerable.Range(0, 4).Select(p => new TopicPartition(Topics.Inbound, p)), TimeSpan.FromSeconds(10)).Select(o => Math.Max(0, o.Offset.Value))];
    }
}
