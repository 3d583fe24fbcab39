using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.TestKit;
using static Parley.Integration.Dispatcher.DispatcherHost;
using static Parley.TestKit.FakeWhatsApp;

namespace Parley.Integration.Dispatcher;

/// <summary>The dispatcher as a process of its own, killed while a send is under way; another one takes over.</summary>
public sealed class KilledDispatcherTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_killed_dispatcher_was_sending_is_unknown_and_what_it_had_not_begun_is_sent()
    {
        await using var host = await StartWithoutDispatcherAsync(
            Cancellation,
            ("Dispatcher:SendTimeout", "00:00:02"), ("Dispatcher:Lease", "00:00:05"), ("Dispatcher:SweepInterval", "00:00:00.500"), ("Dispatcher:SweepAfter", "00:00:00.500"), ("Kafka:SessionTimeout", "00:00:02"));
        await using var first = host.StartProcess();
        host.WhatsApp.Then(Behaviour.AcceptThenHang);
        var replies = await host.SendAsync(Cancellation, WhatsAppReply("under way"), WhatsAppReply("not begun"));
        await Eventually.Until(() => host.WhatsApp.Taken.Count, taken => taken == 1, Cancellation, TimeSpan.FromSeconds(30));

        await first.KillAsync();
        await using var second = host.StartProcess();

        await Eventually.Until<LedgerEntry>(() => host.RowAsync(replies[1], Cancellation), row => row.State == LedgerState.Sent, Cancellation, TimeSpan.FromSeconds(40));
        var unknown = await Eventually.Until<LedgerEntry>(
            () => host.RowAsync(replies[0], Cancellation), row => row.State == LedgerState.Unknown, Cancellation, TimeSpan.FromSeconds(20));
        Assert.Equal("the dispatcher of attempt 1 is gone", unknown.Reason);
        Assert.Equal(["under way", "not begun"], host.WhatsApp.Taken.Select(m => m.Text));
        Assert.Contains(await host.ReceiptsAsync(replies[0], DeliveryStatus.Unknown, Cancellation), r => r.Reason == unknown.Reason);
    }
}
