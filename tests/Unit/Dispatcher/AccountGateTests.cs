using Parley.Dispatcher.Sending;
using Parley.TestKit;

namespace Parley.Unit.Dispatcher;

public sealed class AccountGateTests
{
    private readonly ManualTime _time = new();
    private readonly AccountGate _gate;

    public AccountGateTests() => _gate = new AccountGate(_time);

    [Fact]
    public void A_blocked_account_stops_itself_and_no_other()
    {
        Assert.True(_gate.Block("whatsapp", "a"));

        Assert.False(_gate.MayPass("whatsapp", "a", out var wait));
        Assert.Equal(TimeSpan.FromSeconds(30), wait);
        Assert.True(_gate.MayPass("whatsapp", "b", out _));
        Assert.True(_gate.MayPass("messenger", "a", out _));
    }

    [Fact]
    public void After_the_time_one_reply_tries_and_opens_the_gate_for_all()
    {
        _gate.Block("whatsapp", "a");
        _time.Advance(TimeSpan.FromSeconds(30));

        Assert.True(_gate.MayPass("whatsapp", "a", out _));
        Assert.False(_gate.MayPass("whatsapp", "a", out var wait));
        Assert.Equal(TimeSpan.FromSeconds(0.5), wait);
        Assert.True(_gate.Open("whatsapp", "a"));
        Assert.True(_gate.MayPass("whatsapp", "a", out _));
        Assert.False(_gate.Open("whatsapp", "a"));
    }

    [Fact]
    public void Each_failed_trial_makes_the_next_time_longer_up_to_ten_minutes()
    {
        Assert.True(_gate.Block("whatsapp", "a"));
        foreach (var seconds in (int[])[30, 60, 120, 240, 480, 600, 600])
        {
            Assert.False(_gate.MayPass("whatsapp", "a", out var wait));
            Assert.Equal(seconds, wait.TotalSeconds);
            _time.Advance(wait);
            Assert.True(_gate.MayPass("whatsapp", "a", out _));
            Assert.False(_gate.Block("whatsapp", "a"));
        }
    }

    [Fact]
    public void What_was_under_way_when_it_closed_does_not_make_it_longer()
    {
        _gate.Block("whatsapp", "a");
        for (var i = 0; i < 100; i++) Assert.False(_gate.Block("whatsapp", "a"));

        Assert.False(_gate.MayPass("whatsapp", "a", out var wait));
        Assert.Equal(TimeSpan.FromSeconds(30), wait);
    }

    [Fact]
    public void A_trial_that_never_comes_back_does_not_close_the_gate_for_ever()
    {
        _gate.Block("whatsapp", "a");
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.True(_gate.MayPass("whatsapp", "a", out _));

        var looks = 0;
        while (!_gate.MayPass("whatsapp", "a", out var wait))
        {
            Assert.InRange(wait, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(0.5));
            _time.Advance(wait);
            looks++;
        }

        Assert.Equal(30, looks);
    }

    [Fact]
    public void An_account_over_its_limit_waits_as_long_as_the_channel_asked()
    {
        _gate.Pause("whatsapp", "a", TimeSpan.FromSeconds(7));
        _gate.Pause("whatsapp", "b", null);

        Assert.False(_gate.MayPass("whatsapp", "a", out var asked));
        Assert.False(_gate.MayPass("whatsapp", "b", out var own));
        Assert.Equal((7, 1), (asked.TotalSeconds, own.TotalSeconds));
    }
}
