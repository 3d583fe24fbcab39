using Parley.Common.Records;
using Parley.Common.Streaming;
using Parley.Common.Tenants;
using Parley.Processor.Inbound;
using Parley.TestKit;

namespace Parley.Unit.Processor;

public sealed class GatheringTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Enqueue_makes_one_turn_a_message() =>
        Assert.Equal(new Gathering(1), Gathering.Of([Message(3), Message(2), Message(1)], new TurnPolicy(), Now));

    [Theory]
    [InlineData(TurnMode.Coalesce)]
    [InlineData(TurnMode.Interrupt)]
    public void All_that_wait_go_into_one_turn(TurnMode mode) =>
        Assert.Equal(new Gathering(3), Gathering.Of([Message(3), Message(2), Message(1)], new TurnPolicy { Mode = mode }, Now));

    [Fact]
    public void A_receipt_between_messages_keeps_its_place() =>
        Assert.Equal(new Gathering(1), Gathering.Of([Message(3), Receipt(), Message(1)], new TurnPolicy { Mode = TurnMode.Coalesce }, Now));

    [Fact]
    public void What_an_earlier_owner_may_have_begun_runs_by_itself_and_is_not_interrupted()
    {
        var policy = new TurnPolicy { Mode = TurnMode.Interrupt };
        Assert.Equal(new Gathering(1), Gathering.Of([Message(3) with { MayHaveRun = true }, Message(2)], policy, Now));
        Assert.Equal(new Gathering(1), Gathering.Of([Message(3), Message(2) with { MayHaveRun = true }], policy, Now));
        Assert.False(Gathering.MayInterrupt(Message(1) with { MayHaveRun = true }, policy, Now));
    }

    [Fact]
    public void A_turn_takes_no_more_messages_than_allowed() =>
        Assert.Equal(new Gathering(2), Gathering.Of([Message(3), Message(2), Message(1)], new TurnPolicy { Mode = TurnMode.Coalesce, MaxMessages = 2 }, Now));

    [Fact]
    public void Debounce_waits_for_a_pause() =>
        Assert.Equal(new Gathering(2, TimeSpan.FromSeconds(1)), Gathering.Of([Message(3), Message(1)], Debounce(), Now));

    [Fact]
    public void Debounce_starts_when_the_customer_has_paused() =>
        Assert.Equal(new Gathering(2), Gathering.Of([Message(5), Message(2)], Debounce(), Now));

    [Fact]
    public void Debounce_never_keeps_the_oldest_message_longer_than_allowed()
    {
        Assert.Equal(new Gathering(2, TimeSpan.FromSeconds(1)), Gathering.Of([Message(9), Message(0)], Debounce(), Now));
        Assert.Equal(new Gathering(2), Gathering.Of([Message(10), Message(0)], Debounce(), Now));
    }

    [Fact]
    public void Debounce_after_a_restart_goes_on_where_it_was() =>
        Assert.Equal(new Gathering(1), Gathering.Of([Message(600)], Debounce(), Now));

    [Theory]
    [InlineData(TurnMode.Interrupt, 1, true)]
    [InlineData(TurnMode.Interrupt, 10, false)]
    [InlineData(TurnMode.Coalesce, 1, false)]
    public void Only_interrupt_ends_a_call_and_not_for_ever(TurnMode mode, int age, bool expected) =>
        Assert.Equal(expected, Gathering.MayInterrupt(Message(age), new TurnPolicy { Mode = mode }, Now));

    [Fact]
    public void A_time_in_the_future_counts_as_now() =>
        Assert.Equal(new Gathering(1, TimeSpan.FromSeconds(2)), Gathering.Of([Message(-3600)], Debounce(), Now));

    private static TurnPolicy Debounce() => new() { Mode = TurnMode.Debounce, Pause = TimeSpan.FromSeconds(2), MaxWait = TimeSpan.FromSeconds(10) };

    private static LaneRecord Message(int secondsAgo) =>
        Record(new DecodedRecord.OfMessage(Messages.Text("x") with { ReceivedAt = Now.AddSeconds(-secondsAgo) }));

    private static LaneRecord Receipt() => Record(new DecodedRecord.OfReceipt(new Receipt
    {
        Tenant = "demo", ConversationId = "c", Channel = "web", Account = "site", ReplyId = "r", Status = DeliveryStatus.Sent, At = Now,
    }));

    private static LaneRecord Record(DecodedRecord decoded) => new(decoded, new KafkaRecord(null, null, []), 0, 0);
}
