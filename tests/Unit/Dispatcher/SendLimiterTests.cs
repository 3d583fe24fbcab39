using Parley.Dispatcher.Sending;
using Parley.TestKit;

namespace Parley.Unit.Dispatcher;

public sealed class SendLimiterTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly ManualTime _time = new();

    [Theory, InlineData(80), InlineData(20), InlineData(200), InlineData(1), InlineData(3.5), InlineData(0.5)]
    public void In_no_second_an_account_sends_more_than_its_limit(double perSecond)
    {
        var limiter = new SendLimiter(_time);
        var sent = new List<DateTimeOffset>();
        for (var i = 0; i < 4 * perSecond + 8; i++)
        {
            TimeSpan delay;
            while (!limiter.TryBook("whatsapp", "a", $"user {i}", new SendPace(perSecond), Second / 2, out delay)) _time.Advance(delay);
            sent.Add(_time.GetUtcNow() + delay);
        }

        var most = sent.Max(from => sent.Count(at => at >= from && at < from + Second));
        Assert.True(most <= Math.Max(1, Math.Ceiling(perSecond)), $"{most} in one second");
    }

    [Fact]
    public void A_recipient_gets_a_burst_of_45_and_then_one_in_six_seconds()
    {
        var limiter = new SendLimiter(_time);
        var pace = new SendPace(AccountPerSecond: 0, PairBurst: 45, PairInterval: TimeSpan.FromSeconds(6));
        for (var i = 0; i < 45; i++)
        {
            Assert.True(limiter.TryBook("whatsapp", "a", "u", pace, TimeSpan.Zero, out var delay));
            Assert.Equal(TimeSpan.Zero, delay);
        }

        Assert.False(limiter.TryBook("whatsapp", "a", "u", pace, Second, out var wait));
        Assert.Equal(TimeSpan.FromSeconds(6), wait);
        Assert.True(limiter.TryBook("whatsapp", "a", "another", pace, TimeSpan.Zero, out _));
        Assert.True(limiter.TryBook("whatsapp", "b", "u", pace, TimeSpan.Zero, out _));

        _time.Advance(wait);
        Assert.True(limiter.TryBook("whatsapp", "a", "u", pace, TimeSpan.Zero, out _));
        Assert.False(limiter.TryBook("whatsapp", "a", "u", pace, Second, out _));
    }

    [Fact]
    public void What_was_not_booked_takes_nothing()
    {
        var limiter = new SendLimiter(_time);
        var pace = new SendPace(AccountPerSecond: 1, PairBurst: 1, PairInterval: TimeSpan.FromSeconds(60));
        Assert.True(limiter.TryBook("whatsapp", "a", "u", pace, TimeSpan.Zero, out _));
        _time.Advance(Second);

        for (var i = 0; i < 10; i++) Assert.False(limiter.TryBook("whatsapp", "a", "u", pace, Second, out _));

        Assert.True(limiter.TryBook("whatsapp", "a", "another", pace, TimeSpan.Zero, out _));
    }

    [Fact]
    public void A_place_that_was_not_used_is_the_recipients_next_one()
    {
        var limiter = new SendLimiter(_time);
        var pace = new SendPace(AccountPerSecond: 80, PairBurst: 2, PairInterval: TimeSpan.FromSeconds(6));
        for (var i = 0; i < 10; i++)
        {
            Assert.True(limiter.TryBook("whatsapp", "a", "u", pace, TimeSpan.Zero, out _));
            limiter.GiveBack("whatsapp", "a", "u", pace);
            _time.Advance(Second / 10);
        }

        Assert.True(limiter.TryBook("whatsapp", "a", "u", pace, TimeSpan.Zero, out _));
        Assert.True(limiter.TryBook("whatsapp", "a", "u", pace, TimeSpan.Zero, out _));
        Assert.False(limiter.TryBook("whatsapp", "a", "u", pace, Second, out var wait));
        Assert.Equal(TimeSpan.FromSeconds(6), wait);

        // The next place was booked ahead, and not used: it is still six seconds away.
        Assert.True(limiter.TryBook("whatsapp", "a", "u", pace, TimeSpan.FromSeconds(6), out _));
        limiter.GiveBack("whatsapp", "a", "u", pace);
        Assert.False(limiter.TryBook("whatsapp", "a", "u", pace, Second, out wait));
        Assert.Equal(TimeSpan.FromSeconds(6), wait);
    }

    [Fact]
    public void Booked_places_follow_one_another()
    {
        var limiter = new SendLimiter(_time);
        var delays = new List<double>();
        for (var i = 0; i < 5; i++)
        {
            Assert.True(limiter.TryBook("whatsapp", "a", $"{i}", new SendPace(AccountPerSecond: 2), TimeSpan.FromSeconds(10), out var delay));
            delays.Add(delay.TotalSeconds);
        }

        Assert.Equal([0, 0.5, 1, 1.5, 2], delays);
    }

    [Fact]
    public void Without_a_pace_nothing_waits()
    {
        var limiter = new SendLimiter(_time);
        for (var i = 0; i < 1000; i++) Assert.True(limiter.TryBook("web", "site", "u", default, TimeSpan.Zero, out _));
    }
}
