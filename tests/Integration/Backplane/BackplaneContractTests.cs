using System.Collections.Concurrent;
using Parley.Common.Backplane;
using Parley.TestKit;

namespace Parley.Integration.Backplane;

public sealed class BackplaneContractTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    public static TheoryData<string> Kinds { get; } = ["in-process", "redis"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_notice_reaches_the_subscribers_of_its_topic_in_every_process(string kind)
    {
        await using var pair = await BackplanePair.StartAsync(kind, Cancellation);
        var heard = new ConcurrentQueue<string>();
        await using var one = await pair.One.SubscribeAsync("a", notice => heard.Enqueue("one " + notice));
        await using var other = await pair.Other.SubscribeAsync("a", notice => heard.Enqueue("other " + notice));
        await using var elsewhere = await pair.Other.SubscribeAsync("b", notice => heard.Enqueue("elsewhere " + notice));

        await pair.One.PublishAsync("a", "delivery:r_1:sent");

        await Eventually.True(() => heard.Count >= 2, Cancellation);
        Assert.Equal(["one delivery:r_1:sent", "other delivery:r_1:sent"], heard.Order());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Notices_of_one_publisher_arrive_in_order(string kind)
    {
        await using var pair = await BackplanePair.StartAsync(kind, Cancellation);
        var heard = new ConcurrentQueue<string>();
        await using var subscription = await pair.Other.SubscribeAsync("a", heard.Enqueue);

        for (var i = 0; i < 50; i++) await pair.One.PublishAsync("a", $"{i}");

        await Eventually.True(() => heard.Count == 50, Cancellation);
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i}"), heard);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Who_left_hears_nothing_and_who_comes_back_hears_again(string kind)
    {
        await using var pair = await BackplanePair.StartAsync(kind, Cancellation);
        var first = new ConcurrentQueue<string>();
        var second = new ConcurrentQueue<string>();
        var subscription = await pair.Other.SubscribeAsync("a", first.Enqueue);
        await subscription.DisposeAsync();
        await subscription.DisposeAsync();
        await using var again = await pair.Other.SubscribeAsync("a", second.Enqueue);

        await pair.One.PublishAsync("a", "news");

        await Eventually.True(() => !second.IsEmpty, Cancellation);
        Assert.Empty(first);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_subscriber_that_throws_takes_nothing_from_the_others(string kind)
    {
        await using var pair = await BackplanePair.StartAsync(kind, Cancellation);
        var heard = new ConcurrentQueue<string>();
        await using var broken = await pair.One.SubscribeAsync("a", _ => throw new InvalidOperationException("a bug"));
        await using var sound = await pair.One.SubscribeAsync("a", heard.Enqueue);

        await pair.One.PublishAsync("a", "news");

        await Eventually.True(() => !heard.IsEmpty, Cancellation);
        Assert.Equal(["news"], heard);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Processes_share_a_bucket(string kind)
    {
        await using var pair = await BackplanePair.StartAsync(kind, Cancellation);

        var decisions = new List<RateDecision>();
        for (var i = 0; i < 6; i++) decisions.Add(await (i % 2 == 0 ? pair.One : pair.Other).TakeAsync("tenant", 5, Long));

        Assert.Equal([true, true, true, true, true, false], decisions.Select(d => d.Allowed));
        Assert.Equal([4, 3, 2, 1, 0, 0], decisions.Select(d => d.Remaining));
        Assert.InRange(decisions[5].RetryAfter, TimeSpan.FromSeconds(1), Long / 5);
        Assert.True((await pair.One.TakeAsync("another tenant", 5, Long)).Allowed);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_bucket_refills_evenly_over_its_window(string kind)
    {
        await using var pair = await BackplanePair.StartAsync(kind, Cancellation);
        var window = TimeSpan.FromSeconds(2);
        for (var i = 0; i < 4; i++) Assert.True((await pair.One.TakeAsync("b", 4, window)).Allowed);

        var refused = await pair.One.TakeAsync("b", 4, window);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        await Eventually.Until<RateDecision>(() => pair.One.TakeAsync("b", 4, window).AsTask(), d => d.Allowed, Cancellation);

        Assert.False(refused.Allowed);
        Assert.True(refused.RetryAfter <= window / 4, $"the next of four tokens is promised after {refused.RetryAfter}, more than its share of {window}");
        Assert.True(watch.Elapsed > refused.RetryAfter - TimeSpan.FromMilliseconds(20), $"a token after {watch.Elapsed}, promised after {refused.RetryAfter}");
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Many_takers_at_once_get_no_more_than_the_bucket_holds(string kind)
    {
        await using var pair = await BackplanePair.StartAsync(kind, Cancellation);

        var decisions = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => (i % 2 == 0 ? pair.One : pair.Other).TakeAsync("b", 30, TimeSpan.FromHours(1)).AsTask()));

        Assert.Equal(30, decisions.Count(d => d.Allowed));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_limit_of_nothing_allows_nothing(string kind)
    {
        await using var pair = await BackplanePair.StartAsync(kind, Cancellation);

        Assert.Equal(new RateDecision(false, 0, Long), await pair.One.TakeAsync("b", 0, Long));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_value_is_there_until_it_expires(string kind)
    {
        await using var pair = await BackplanePair.StartAsync(kind, Cancellation);
        await pair.One.SetAsync("kept", "värde 🎈", Long);
        await pair.One.SetAsync("empty", "", Long);
        await pair.One.SetAsync("short", "x", TimeSpan.FromMilliseconds(150));
        await pair.One.SetAsync("forgotten", "x", Long);
        await pair.One.SetAsync("forgotten", "x", TimeSpan.Zero);

        Assert.Equal("värde 🎈", await pair.Other.GetAsync("kept"));
        Assert.Equal("", await pair.Other.GetAsync("empty"));
        Assert.Null(await pair.Other.GetAsync("forgotten"));
        Assert.Null(await pair.Other.GetAsync("never set"));
        await Eventually.Until<string?>(() => pair.Other.GetAsync("short").AsTask(), value => value is null, Cancellation);
    }
}
