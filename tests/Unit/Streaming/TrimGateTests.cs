using Parley.Common.Streaming;

namespace Parley.Unit.Streaming;

public sealed class TrimGateTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TrimGate _gate = new(high: 1000, calm: TimeSpan.FromSeconds(2));

    [Fact]
    public void Memory_is_given_back_once_after_an_overload_has_been_over_for_a_while()
    {
        Assert.False(At(0, records: 1000));
        Assert.False(At(1, records: 10));
        Assert.False(At(2, records: 0));
        Assert.True(At(3, records: 0));
        Assert.False(At(10, records: 0));
    }

    [Fact]
    public void A_buffer_that_was_never_full_keeps_its_memory()
    {
        Assert.False(At(0, records: 999));
        Assert.False(At(10, records: 0));
        Assert.False(At(20, records: 0));
    }

    [Fact]
    public void Work_that_comes_back_puts_it_off()
    {
        Assert.False(At(0, records: 1200));
        Assert.False(At(1, records: 0));
        Assert.False(At(2, records: 500));
        Assert.False(At(3.5, records: 0));
        Assert.True(At(5.5, records: 0));
    }

    private bool At(double seconds, int records) => _gate.Decide(records, Start.AddSeconds(seconds));
}
