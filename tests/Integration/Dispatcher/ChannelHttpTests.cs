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
        var address = new Uri($"{whatsApp.Address}/v25.0/1/messages");
        var body = Encoding.UTF8.GetBytes("{}");

        var late = await http.PostJsonAsync(address, "token", body, Until(TimeSpan.FromMilliseconds(-1)), Cancellation);
        var inTime = await http.PostJsonAsync(address, "token", body, Until(TimeSpan.FromMinutes(1)), Cancellation);

        Assert.Equal((false, null), (late.Written, late.Status));
        Assert.True(inTime.Written);
        Assert.Equal(1, whatsApp.Requests);
    }

    private static FirstByte Until(TimeSpan fromNow) => new(DateTimeOffset.UtcNow + fromNow, TimeProvider.System);
}
