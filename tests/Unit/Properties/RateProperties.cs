using Parley.Common.Backplane;
using Parley.Dispatcher.Sending;
using Parley.TestKit;

namespace Parley.Unit.Properties;

public sealed class RateProperties
{
    [Fact]
    public void However_the_clock_jumps_no_more_is_taken_than_the_limit_and_what_the_time_that_passed_has_earned() => Property.ForAll(Takes.Of, takes =>
    {
        long now = 1_000_000_000_000, full = 0, forward = 0;
        // One bucket, and what each window of the clock's own time has earned since its first take.
        var taken = new List<long>();
        foreach (var jump in takes.Jumps)
        {
            now += jump;
            forward += Math.Max(0, jump);
            var decision = TokenBucket.Take(now, ref full, takes.Limit, takes.Window);
            Assert.InRange(decision.Remaining, 0, takes.Limit - 1);
            if (!decision.Allowed)
            {
                Assert.InRange(decision.RetryAfter, TimeSpan.FromTicks(1), takes.Window);
                continue;
            }

            taken.Add(forward);
            for (var i = 0; i < taken.Count; i++)
            {
                var most = takes.Limit + (forward - taken[i]) / (double)takes.Window.Ticks * takes.Limit * 1.001;
                Assert.True(taken.Count - i <= most + 1e-9, $"{taken.Count - i} since the clock was at {taken[i]}");
            }
        }
    }, cases: 10_000, draws: 50);

    [Fact]
    public void Whoever_waits_as_long_as_told_is_let_in() => Property.ForAll(Takes.Of, takes =>
    {
        long now = 0, full = 0;
        foreach (var jump in takes.Jumps)
        {
            now += Math.Abs(jump);
            if (TokenBucket.Take(now, ref full, takes.Limit, takes.Window) is not { Allowed: false } refused) continue;
            now += refused.RetryAfter.Ticks;
            Assert.True(TokenBucket.Take(now, ref full, takes.Limit, takes.Window).Allowed, "refused again");
        }
    }, cases: 10_000, draws: 50);

    [Fact]
    public void In_no_second_an_account_sends_more_than_its_limit_and_over_many_it_sends_nearly_that() => Property.ForAll(
        d => (PerSecond: d.From(10, 3000) / 10.0, Pauses: Enumerable.Range(0, 30).Select(_ => d.OnceIn(3) ? d.Below(400) : 0).ToArray()), given =>
        {
            var time = new ManualTime();
            var limiter = new SendLimiter(time);
            var sent = new List<DateTimeOffset>();
            foreach (var pause in given.Pauses)
            {
                time.Advance(TimeSpan.FromMilliseconds(pause));
                sent.Add(Book(limiter, time, new SendPace(given.PerSecond)));
            }

            var most = sent.Max(from => sent.Count(at => at >= from && at < from + TimeSpan.FromSeconds(1)));
            Assert.True(most <= Math.Ceiling(given.PerSecond), $"{most} in one second");

            // In a hurry, twenty seconds' worth takes little more than that.
            var count = (int)Math.Ceiling(given.PerSecond * 4);
            var from = time.GetUtcNow();
            var last = from;
            for (var i = 0; i < count; i++) last = Book(limiter, time, new SendPace(given.PerSecond));
            Assert.True(last - from <= TimeSpan.FromSeconds(6), $"{count} took {last - from}");
        }, cases: 200);

    [Fact]
    public void A_recipient_never_gets_more_than_the_burst_and_one_for_each_interval() => Property.ForAll(
        d => (Burst: d.From(1, 6), Interval: d.From(1, 50), Pauses: Enumerable.Range(0, d.Below(40)).Select(_ => d.Below(60)).ToArray()), given =>
        {
            var time = new ManualTime();
            var limiter = new SendLimiter(time);
            var interval = TimeSpan.FromMilliseconds(given.Interval);
            var sent = new List<DateTimeOffset>();
            foreach (var pause in given.Pauses)
            {
                time.Advance(TimeSpan.FromMilliseconds(pause));
                sent.Add(Book(limiter, time, new SendPace(0, given.Burst, interval)));
            }

            for (var i = 0; i < sent.Count; i++)
            {
                for (var j = i; j < sent.Count; j++) Assert.True(j - i + 1 <= given.Burst + (sent[j] - sent[i]) / interval + 1e-9, $"{j - i + 1} in {sent[j] - sent[i]}");
            }
        }, cases: 2_000);

    [Fact]
    public void Places_that_were_given_back_are_as_if_they_had_never_been_booked() => Property.ForAll(
        d => (Burst: d.From(1, 6), Interval: d.From(1, 50), Steps: Enumerable.Range(0, d.Below(40)).Select(_ => (Pause: d.Below(60), IsUsed: d.OnceIn(2))).ToArray()), given =>
        {
            var time = new ManualTime();
            var (limiter, other) = (new SendLimiter(time), new SendLimiter(time));
            var pace = new SendPace(0, given.Burst, TimeSpan.FromMilliseconds(given.Interval));
            foreach (var (pause, isUsed) in given.Steps)
            {
                time.Advance(TimeSpan.FromMilliseconds(pause));
                var horizon = TimeSpan.FromMilliseconds(pause);
                var isBooked = limiter.TryBook("whatsapp", "a", "u", pace, horizon, out var delay);
                if (!isUsed)
                {
                    if (isBooked) limiter.GiveBack("whatsapp", "a", "u", pace);
                    continue;
                }

                Assert.Equal(other.TryBook("whatsapp", "a", "u", pace, horizon, out var same), isBooked);
                Assert.Equal(same, delay);
            }
        }, cases: 2_000);

    private static DateTimeOffset Book(SendLimiter limiter, ManualTime time, SendPace pace)
    {
        TimeSpan delay;
        while (!limiter.TryBook("whatsapp", "a", "u", pace, TimeSpan.Zero, out delay)) time.Advance(delay);
        return time.GetUtcNow() + delay;
    }

    private sealed record Takes(int Limit, TimeSpan Window, long[] Jumps)
    {
        public static Takes Of(Draws d)
        {
            var (limit, window) = (d.From(1, 12), TimeSpan.FromSeconds(d.Of(1, 10, 60, 3600)));
            return new Takes(limit, window, [.. Enumerable.Range(0, d.Below(40)).Select(_ => Jump(d, window.Ticks))]);
        }

        public override string ToString() => $"{Limit} in {Window}: {string.Join(' ', Jumps)}";

        private static long Jump(Draws d, long window) => d.Below(6) switch
        {
            0 or 1 => 0,
            2 => window / 100 * d.Below(100),
            3 => d.Below(1000),
            4 => -(window / 10) * d.Below(40),
            _ => window / 10 * d.Below(40),
        };
    }
}
