using Parley.Common.Streaming;

namespace Parley.Unit.Streaming;

public sealed class IntakeGateTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly IntakeGate _gate = new(high: 100, highBytes: 1000, patience: TimeSpan.FromSeconds(5));

    [Fact]
    public void Reads_while_there_is_room() => Assert.Equal(Intake.Read, _gate.Decide(99, 999, Start));

    [Theory]
    [InlineData(100, 0)]
    [InlineData(0, 1000)]
    public void Slows_down_when_records_or_bytes_are_many(int records, long bytes) => Assert.Equal(Intake.Trickle, _gate.Decide(records, bytes, Start));

    [Fact]
    public void Pauses_when_it_has_been_full_for_long()
    {
        Assert.Equal(Intake.Trickle, _gate.Decide(100, 0, Start));
        Assert.Equal(Intake.Trickle, _gate.Decide(100, 0, Start.AddSeconds(4)));
        Assert.Equal(Intake.Paused, _gate.Decide(100, 0, Start.AddSeconds(5)));
    }

    [Fact]
    public void Pauses_at_once_when_there_is_far_too_much() => Assert.Equal(Intake.Paused, _gate.Decide(200, 0, Start));

    [Fact]
    public void Reads_again_only_when_half_empty()
    {
        _gate.Decide(200, 0, Start);
        Assert.Equal(Intake.Paused, _gate.Decide(60, 0, Start));
        Assert.Equal(Intake.Read, _gate.Decide(50, 500, Start));
    }

    [Fact]
    public void A_trickle_goes_on_until_half_empty()
    {
        _gate.Decide(100, 0, Start);
        Assert.Equal(Intake.Trickle, _gate.Decide(60, 0, Start.AddSeconds(1)));
        Assert.Equal(Intake.Read, _gate.Decide(40, 0, Start.AddSeconds(1)));
    }
}
