using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Streaming;

namespace Parley.Unit.Streaming;

public sealed class LaneSchedulerTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly PartitionProgress _partition = new(0, -1);
    private long _offset;

    public void Dispose() => _partition.Dispose();

    [Fact]
    public void A_conversation_runs_one_turn_at_a_time()
    {
        var scheduler = Scheduler();
        Add(scheduler, "a", "1");
        Add(scheduler, "a", "1");

        Assert.True(scheduler.TryStart(Start, out var lane));
        Assert.False(scheduler.TryStart(Start, out _));

        scheduler.Finish(lane, 1, null);
        Assert.True(scheduler.TryStart(Start, out var again));
        Assert.Same(lane, again);
    }

    [Fact]
    public void Conversations_of_one_partition_run_side_by_side()
    {
        var scheduler = Scheduler(permits: 3);
        for (var i = 0; i < 5; i++) Add(scheduler, "a", $"{i}");

        Assert.Equal(3, StartAll(scheduler).Count);
        Assert.Equal(3, scheduler.RunningLanes);
    }

    [Fact]
    public void Records_of_a_conversation_come_in_the_order_they_were_added()
    {
        var scheduler = Scheduler();
        for (var i = 0; i < 4; i++) Add(scheduler, "a", "1");

        for (var expected = 0; expected < 4; expected++)
        {
            Assert.True(scheduler.TryStart(Start, out var lane));
            Assert.Equal(expected, lane.Records.Peek().Offset);
            scheduler.Finish(lane, 1, null);
        }

        Assert.Equal(0, scheduler.Lanes);
        Assert.Equal(0, scheduler.BufferedRecords);
        Assert.Equal(0, scheduler.BufferedBytes);
    }

    [Fact]
    public void A_permit_that_is_given_back_early_serves_another_lane_while_the_first_stays_busy()
    {
        var scheduler = Scheduler(permits: 1);
        Add(scheduler, "a", "1");
        Add(scheduler, "a", "1");
        Add(scheduler, "a", "2");

        Assert.True(scheduler.TryStart(Start, out var first));
        Assert.False(scheduler.TryStart(Start, out _));
        scheduler.ReleasePermit(first);
        Assert.True(scheduler.TryStart(Start, out var second));
        Assert.NotEqual(first.Key, second.Key);
        Assert.False(scheduler.TryStart(Start, out _));
    }

    [Fact]
    public void A_lane_that_backs_off_waits_and_its_neighbours_do_not()
    {
        var scheduler = Scheduler();
        Add(scheduler, "a", "1");
        Assert.True(scheduler.TryStart(Start, out var lane));
        scheduler.Finish(lane, 0, Start.AddSeconds(5));
        Add(scheduler, "a", "2");

        Assert.True(scheduler.TryStart(Start, out var neighbour));
        Assert.Equal("2", neighbour.Key.ConversationId);
        Assert.False(scheduler.TryStart(Start.AddSeconds(4), out _));
        Assert.Equal(Start.AddSeconds(5), scheduler.NextDue());
        Assert.True(scheduler.TryStart(Start.AddSeconds(5), out var again));
        Assert.Same(lane, again);
    }

    [Fact]
    public void New_records_do_not_cut_a_backoff_short()
    {
        var scheduler = Scheduler();
        Add(scheduler, "a", "1");
        Assert.True(scheduler.TryStart(Start, out var lane));
        scheduler.Finish(lane, 0, Start.AddSeconds(5));
        Add(scheduler, "a", "1");
        Assert.False(scheduler.TryStart(Start.AddSeconds(1), out _));
    }

    [Fact]
    public void Tenants_share_by_weight_however_many_conversations_each_has()
    {
        var scheduler = Scheduler(permits: 1, share: tenant => new LaneShare("engine", Weight: tenant == "big" ? 3 : 1));
        for (var i = 0; i < 400; i++) Add(scheduler, "big", $"{i}");
        for (var i = 0; i < 100; i++) Add(scheduler, "small", $"{i}");

        var served = new Dictionary<string, int> { ["big"] = 0, ["small"] = 0 };
        for (var i = 0; i < 200; i++)
        {
            Assert.True(scheduler.TryStart(Start, out var lane));
            served[lane.Key.Tenant]++;
            scheduler.Finish(lane, 1, null);
        }

        Assert.Equal(150, served["big"]);
        Assert.Equal(50, served["small"]);
    }

    [Fact]
    public void A_quiet_tenant_waits_for_one_round_at_most()
    {
        var scheduler = Scheduler(permits: 1);
        for (var i = 0; i < 10_000; i++) Add(scheduler, "flood", $"{i}");
        Assert.True(scheduler.TryStart(Start, out var running));
        Add(scheduler, "quiet", "1");

        scheduler.Finish(running, 1, null);
        var waited = 0;
        while (scheduler.TryStart(Start, out var lane) && lane.Key.Tenant != "quiet")
        {
            scheduler.Finish(lane, 1, null);
            Assert.True(++waited <= 1, "the quiet tenant waited for more than one turn of the other");
        }
    }

    [Fact]
    public void A_conversation_with_much_to_do_does_not_stand_behind_all_others_after_each_turn()
    {
        var scheduler = Scheduler(permits: 1);
        for (var i = 0; i < 100; i++) Add(scheduler, "t", "busy");
        for (var i = 0; i < 1_000; i++) Add(scheduler, "t", $"{i}");

        var turns = Enumerable.Range(0, 200).Select(_ => RunOne(scheduler)).ToList();

        // Every second start, until what it has left is nothing special, and no more: the others wait twice as long as without it, not for ever.
        Assert.InRange(turns.Count(key => key == "busy"), 95, 101);
        Assert.DoesNotContain(("busy", "busy"), turns.Zip(turns.Skip(1)).Skip(1));
    }

    [Fact]
    public void Of_busy_conversations_the_busiest_goes_first()
    {
        var scheduler = Scheduler(permits: 1);
        for (var i = 0; i < 30; i++) Add(scheduler, "t", "busy");
        for (var i = 0; i < 150; i++) Add(scheduler, "t", "busier");
        for (var i = 0; i < 3_000; i++) Add(scheduler, "t", $"{i % 1_000}");
        // They stood in line before anybody knew: one turn each, and they are where they belong.
        while (RunOne(scheduler) != "busier") { }

        var turns = Enumerable.Range(0, 40).Select(_ => RunOne(scheduler)).ToList();

        Assert.DoesNotContain("busy", turns);
        Assert.InRange(turns.Count(key => key == "busier"), 19, 20);
    }

    [Fact]
    public void Among_equals_no_conversation_goes_before_another()
    {
        var scheduler = Scheduler(permits: 1);
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 50; i++) Add(scheduler, "t", $"{i}");
        }

        var turns = Enumerable.Range(0, 150).Select(_ => RunOne(scheduler)).ToList();

        Assert.Equal(Enumerable.Range(0, 150).Select(n => $"{n % 50}"), turns);
    }

    [Fact]
    public void A_tenant_never_holds_more_permits_than_its_cap()
    {
        var scheduler = Scheduler(permits: 10, share: _ => new LaneShare("engine", MaxConcurrent: 2));
        for (var i = 0; i < 5; i++) Add(scheduler, "a", $"{i}");
        for (var i = 0; i < 5; i++) Add(scheduler, "b", $"{i}");

        var started = StartAll(scheduler);
        Assert.Equal(2, started.Count(l => l.Key.Tenant == "a"));
        Assert.Equal(2, started.Count(l => l.Key.Tenant == "b"));

        scheduler.ReleasePermit(started.First(l => l.Key.Tenant == "a"));
        Assert.True(scheduler.TryStart(Start, out var next));
        Assert.Equal("a", next.Key.Tenant);
    }

    [Fact]
    public void A_suspended_pool_starts_nothing_and_the_others_go_on()
    {
        var scheduler = Scheduler(share: tenant => new LaneShare(tenant));
        Add(scheduler, "a", "1");
        Add(scheduler, "b", "1");
        scheduler.Suspend("a", Start.AddSeconds(2));

        Assert.Equal("b", Assert.Single(StartAll(scheduler)).Key.Tenant);
        Assert.Equal(Start.AddSeconds(2), scheduler.NextDue());
        Assert.True(scheduler.TryStart(Start.AddSeconds(2), out var lane));
        Assert.Equal("a", lane.Key.Tenant);
    }

    [Fact]
    public void Records_of_a_partition_that_is_given_up_are_dropped_and_others_stay()
    {
        var scheduler = Scheduler();
        using var leaving = new PartitionProgress(1, -1);
        Add(scheduler, "a", "1", leaving);
        Add(scheduler, "a", "2");
        Add(scheduler, "a", "3", leaving);

        _ = leaving.DrainAsync();
        scheduler.DropGivenUp();
        Assert.Equal(1, scheduler.BufferedRecords);
        Assert.Equal("2", Assert.Single(StartAll(scheduler)).Key.ConversationId);
        Assert.Equal(1, scheduler.Lanes);
    }

    [Fact]
    public void A_run_that_ends_after_its_partition_was_given_up_leaves_nothing_behind()
    {
        var scheduler = Scheduler();
        using var leaving = new PartitionProgress(1, -1);
        Add(scheduler, "a", "1", leaving);
        Add(scheduler, "a", "1", leaving);
        Assert.True(scheduler.TryStart(Start, out var lane));

        _ = leaving.DrainAsync();
        scheduler.DropGivenUp();
        scheduler.Finish(lane, 1, null);

        Assert.Equal(0, scheduler.BufferedRecords);
        Assert.Equal(0, scheduler.Lanes);
        Assert.False(scheduler.TryStart(Start, out _));
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    public void Holds_its_promises_under_a_random_schedule(int seed) => new RandomSchedule(seed).Run(steps: 20_000);

    private static LaneScheduler Scheduler(int permits = 100, Func<string, LaneShare>? share = null) => new(permits, share ?? (_ => new LaneShare("engine")));

    private long Add(LaneScheduler scheduler, string tenant, string conversation, PartitionProgress? progress = null)
    {
        var partition = progress ?? _partition;
        var offset = _offset++;
        scheduler.Add(new ConversationKey(tenant, conversation), new QueuedRecord(new KafkaRecord(null, null, []), partition, offset, partition.Track(offset), 10));
        return offset;
    }

    private static string RunOne(LaneScheduler scheduler)
    {
        Assert.True(scheduler.TryStart(Start, out var lane));
        scheduler.Finish(lane, 1, null);
        return lane.Key.ConversationId;
    }

    private static List<Lane> StartAll(LaneScheduler scheduler)
    {
        var started = new List<Lane>();
        while (scheduler.TryStart(Start, out var lane)) started.Add(lane);
        return started;
    }
}
