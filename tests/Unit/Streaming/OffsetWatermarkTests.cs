using Parley.Common.Streaming;

namespace Parley.Unit.Streaming;

public sealed class OffsetWatermarkTests
{
    [Fact]
    public void Starts_at_the_committed_position() => Assert.Equal(42, new OffsetWatermark(42).Committable);

    [Fact]
    public void Never_commits_past_a_record_in_flight()
    {
        var watermark = new OffsetWatermark(0);
        var first = watermark.Track(0);
        var second = watermark.Track(1);
        watermark.Complete(second);

        Assert.Equal(0, watermark.Committable);
        watermark.Complete(first);
        Assert.Equal(2, watermark.Committable);
    }

    [Fact]
    public void Steps_over_gaps_in_the_offsets()
    {
        var watermark = new OffsetWatermark(10);
        var a = watermark.Track(17);
        var b = watermark.Track(900);

        Assert.Equal(17, watermark.Committable);
        watermark.Complete(a);
        Assert.Equal(900, watermark.Committable);
        watermark.Complete(b);
        Assert.Equal(901, watermark.Committable);
    }

    [Fact]
    public void Completing_twice_is_completing_once()
    {
        var watermark = new OffsetWatermark(0);
        var ticket = watermark.Track(0);
        watermark.Track(1);
        watermark.Complete(ticket);
        watermark.Complete(ticket);
        Assert.Equal(1, watermark.Committable);
    }

    [Fact]
    public void Refuses_an_offset_that_was_delivered_before()
    {
        var watermark = new OffsetWatermark(0);
        watermark.Track(5);
        Assert.Throws<ArgumentOutOfRangeException>(() => watermark.Track(5));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Is_the_lowest_unfinished_offset_in_any_order_of_completion(int seed)
    {
        var random = new Random(seed);
        var watermark = new OffsetWatermark(0, capacity: 4);
        var open = new List<(long Offset, long Ticket)>();
        long next = 0, last = 0;

        for (var step = 0; step < 20_000; step++)
        {
            if (open.Count == 0 || (open.Count < 300 && random.Next(2) == 0))
            {
                next += 1 + random.Next(3);
                open.Add((next, watermark.Track(next)));
            }
            else
            {
                var at = random.Next(open.Count);
                watermark.Complete(open[at].Ticket);
                open.RemoveAt(at);
            }

            var expected = open.Count == 0 ? next + 1 : open.Min(o => o.Offset);
            Assert.True(watermark.Committable == expected, $"seed {seed}, step {step}: {watermark.Committable} instead of {expected}");
            Assert.True(watermark.Committable >= last, $"seed {seed}, step {step}: went back");
            last = watermark.Committable;
        }
    }
}
