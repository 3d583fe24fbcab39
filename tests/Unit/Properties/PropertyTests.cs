namespace Parley.Unit.Properties;

public sealed class PropertyTests
{
    [Fact]
    public void A_property_that_does_not_hold_shows_the_smallest_case_and_how_to_replay_it()
    {
        var failure = Assert.ThrowsAny<Exception>(() => Property.ForAll(
            d => string.Join(',', Enumerable.Range(0, d.Below(9)).Select(_ => d.Below(100))),
            text => Assert.DoesNotContain("1", text, StringComparison.Ordinal), cases: 1_000));

        Assert.Matches(@"shrunk \d+ times: 1\s", failure.Message);
        Assert.Matches(@"PARLEY_PROPERTY_REPLAY=\d+,\d+,\d+", failure.Message);
    }
}
