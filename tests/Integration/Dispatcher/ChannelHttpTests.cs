using System.Text;
using Parley.Dispatcher.Channels;
using Parley.Dispatcher.Sending;
using Parley.TestKit;

namespace Parley.Integration.Dispatcher;

public sealed class ChannelHttpTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_its_time_no_byte_of_a_message_is_written_although_no_timer_has_fired()
    {
        await using var whatsApp = await FakeWhatsApp.StartAsync();
        using var http = new ChannelHttp();
        var address = AddressOf(whatsApp);
        var body = Encoding.UTF8.GetBytes("{}");

        var late = await http.PostJsonAsync(address, "token", body, Until(TimeSpan.FromMilliseconds(-1)), Cancellation);
        var inTime = await http.PostJsonAsync(address, "token", body, Until(TimeSpan.FromMinutes(1)), Cancellation);

        Assert.Equal((false, null), (late.Written, late.Status));
        Assert.True(inTime.Written);
        Assert.Equal(1, whatsApp.Requests);
    }

    [Fact]
    public async Task A_process_that_is_stopped_between_the_last_look_and_the_system_writes_nothing_when_it_goes_on()
    {
        await using var whatsApp = await FakeWhatsApp.StartAsync();
        using var http = new ChannelHttp();
        var clock = new StoppedOnce(looks: 1);

        var answer = await http.PostJsonAsync(AddressOf(whatsApp), "token", Encoding.UTF8.GetBytes("{}"), new FirstByte(clock.End, clock), Cancellation);

        Assert.Equal((false, null), (answer.Written, answer.Status));
        Assert.Equal(0, whatsApp.Requests);
    }

    [Fact]
    public async Task A_message_of_which_a_part_has_left_in_time_is_not_completed_after_it_and_counts_as_written()
    {
        await using var whatsApp = await FakeWhatsApp.StartAsync();
        using var http = new ChannelHttp();
        var clock = new StoppedOnce(looks: 2);
        var body = Encoding.UTF8.GetBytes($$"""{"text":"{{new string('x', 100_000)}}"}""");

        var answer = await http.PostJsonAsync(AddressOf(whatsApp), "token", body, new FirstByte(clock.End, clock), Cancellation);

        Assert.Equal((true, null), (answer.Written, answer.Status));
        Assert.Empty(whatsApp.Taken);
    }

    private static Uri AddressOf(FakeWhatsApp whatsApp) => new($"{whatsApp.Address}/v25.0/1/messages");

    private static FirstByte Until(TimeSpan fromNow) => new(DateTimeOffset.UtcNow + fromNow, TimeProvider.System);

    /// <summary>The clock of a process that is stopped for a minute after it has looked at it so often.</summary>
    private sealed class StoppedOnce(int looks) : TimeProvider
    {
        private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        private int _looks;

        public DateTimeOffset End { get; } = Start + TimeSpan.FromSeconds(10);

        public override DateTimeOffset GetUtcNow() => Interlocked.Increment(ref _looks) > looks ? Start + TimeSpan.FromMinutes(1) : Start;
    }
}
