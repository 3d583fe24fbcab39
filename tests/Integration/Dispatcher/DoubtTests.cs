using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.TestKit;
using static Parley.Integration.Dispatcher.DispatcherHost;
using static Parley.TestKit.FakeWhatsApp;

namespace Parley.Integration.Dispatcher;

/// <summary>Bytes were written, and nobody says what became of them.</summary>
public sealed class DoubtTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Endings { get; } = ["reset", "hang", "502 html", "200 empty", "200 huge", "500 without code"];

    [Theory, MemberData(nameof(Endings))]
    public async Task What_was_taken_without_a_yes_is_unknown_and_never_sent_again(string ending)
    {
        await using var host = await StartSweepingAsync(("Dispatcher:SendTimeout", "00:00:00.500"), ("Dispatcher:Lease", "00:00:01"));
        host.WhatsApp.Then(Ending(ending));

        var replies = await host.SendAsync(Cancellation, WhatsAppReply("in doubt"), WhatsAppReply("next"));

        await host.UntilAsync(replies[1], LedgerState.Sent, Cancellation);
        var receipt = (await host.ReceiptsAsync(replies[0], DeliveryStatus.Unknown, Cancellation))[0];
        Assert.NotNull(receipt.Reason);
        await host.PublishAsync(replies[0]);
        await host.PublishAsync(replies[1]);
        var last = (await host.SendAsync(Cancellation, WhatsAppReply("last")))[0];
        await host.UntilAsync(last, LedgerState.Sent, Cancellation);
        Assert.Equal(LedgerState.Unknown, (await host.RowAsync(replies[0], Cancellation)).State);
        Assert.Equal(["in doubt", "next", "last"], host.WhatsApp.Taken.Select(m => m.Text));
        Assert.Equal(3, host.WhatsApp.Requests);
    }

    [Fact]
    public async Task What_comes_behind_a_send_without_an_answer_does_not_overtake_it_when_the_channel_is_slow_to_take_it()
    {
        await using var host = await StartSweepingAsync(("Dispatcher:SendTimeout", "00:00:00.200"), ("Dispatcher:Lease", "00:00:02"));
        host.WhatsApp.Then(Behaviour.Accept with { After = TimeSpan.FromSeconds(1) });

        var replies = await host.SendAsync(Cancellation, WhatsAppReply("slow"), WhatsAppReply("next"));

        await host.UntilAsync(replies[1], LedgerState.Sent, Cancellation);
        Assert.Equal(["slow", "next"], host.WhatsApp.Taken.Select(m => m.Text));
    }

    [Fact]
    public async Task Nothing_leaves_when_the_claim_took_as_long_as_a_send_may_so_that_the_rest_of_the_lease_is_the_slow_channels()
    {
        FaultyStore? store = null;
        await using var host = await StartAsync(
            inner => store = new FaultyStore(inner, seed: 1), Cancellation, ("Dispatcher:SweepInterval", "01:00:00"), ("Dispatcher:SendTimeout", "00:00:00.300"), ("Dispatcher:Lease", "00:00:10"));
        store!.NextClaimTakes = TimeSpan.FromMilliseconds(350);

        var reply = (await host.SendAsync(Cancellation, WhatsAppReply("claimed late")))[0];

        await host.UntilAsync(reply, LedgerState.Sent, Cancellation);
        Assert.Equal(2, (await host.RowAsync(reply, Cancellation)).Attempt);
        Assert.Equal(1, host.WhatsApp.Requests);
    }

    [Fact]
    public async Task A_status_in_time_settles_it_and_what_comes_behind_need_not_wait_for_its_lease()
    {
        await using var host = await StartSweepingAsync(("Dispatcher:Lease", "00:10:00"));
        host.WhatsApp.Then(Behaviour.AcceptThenReset);
        var replies = await host.SendAsync(Cancellation, WhatsAppReply("in doubt"), WhatsAppReply("next"));
        var reply = replies[0];
        await Eventually.Until<LedgerEntry>(() => host.RowAsync(reply, Cancellation), row => row is { State: LedgerState.Sending, Reason: not null }, Cancellation);

        await host.Store.ApplyReceiptAsync(Status(reply, host.WhatsApp.Taken[0]), Cancellation);
        await host.PublishAsync(reply);

        Assert.All(await host.ReceiptsAsync(reply, DeliveryStatus.Accepted, Cancellation), r => Assert.Equal((DeliveryStatus.Accepted, "wamid.1"), (r.Status, r.ProviderMessageId)));
        await host.UntilAsync(replies[1], LedgerState.Sent, Cancellation);
        Assert.Equal(["in doubt", "next"], host.WhatsApp.Taken.Select(m => m.Text));
    }

    [Fact]
    public async Task A_status_that_comes_late_settles_what_was_called_unknown()
    {
        await using var host = await StartSweepingAsync(("Dispatcher:SendTimeout", "00:00:00.500"), ("Dispatcher:Lease", "00:00:01"));
        host.WhatsApp.Then(Behaviour.AcceptThenReset);
        var reply = (await host.SendAsync(Cancellation, WhatsAppReply("in doubt")))[0];
        await host.UntilAsync(reply, LedgerState.Unknown, Cancellation);

        await host.Store.ApplyReceiptAsync(Status(reply, host.WhatsApp.Taken[0]), Cancellation);

        Assert.Equal(LedgerState.Sent, (await host.RowAsync(reply, Cancellation)).State);
    }

    [Fact]
    public async Task Where_the_tenant_wants_it_at_least_once_it_is_sent_again_in_order_and_by_name()
    {
        await using var host = await StartSweepingAsync(
            ("Tenants:0:Accounts:0:UnknownSends", "AtLeastOnce"), ("Dispatcher:SendTimeout", "00:00:00.500"), ("Dispatcher:Lease", "00:00:01"));
        host.WhatsApp.Then(Behaviour.AcceptThenReset);

        var replies = await host.SendAsync(Cancellation, WhatsAppReply("in doubt"), WhatsAppReply("next"));

        await host.UntilAsync(replies[1], LedgerState.Sent, Cancellation);
        Assert.Equal(["in doubt", "in doubt", "next"], host.WhatsApp.Taken.Select(m => m.Text));
        var receipts = await host.ReceiptsAsync(replies[0], DeliveryStatus.Accepted, Cancellation);
        Assert.StartsWith("sent again: ", receipts.First(r => r.Status == DeliveryStatus.Unknown).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_committed_and_never_published_is_found_and_sent()
    {
        await using var host = await StartSweepingAsync();

        var reply = (await host.CommitAsync(Cancellation, WhatsAppReply("forgotten")))[0];

        await host.UntilAsync(reply, LedgerState.Sent, Cancellation);
        Assert.Single(host.WhatsApp.Taken);
    }

    [Fact]
    public async Task An_attempt_whose_dispatcher_died_is_settled_although_nobody_reads_its_record_again()
    {
        await using var host = await StartSweepingAsync();
        var reply = (await host.CommitAsync(Cancellation, WhatsAppReply("died with it") with { CreatedAt = DateTimeOffset.UtcNow.AddMinutes(1) }))[0];
        var pending = await host.RowAsync(reply, Cancellation);
        var claimed = pending with { State = LedgerState.Sending, Attempt = 1, Owner = "a dispatcher that is gone", Deadline = DateTimeOffset.UtcNow - TimeSpan.FromMinutes(5) };
        Assert.True(await host.Store.TryUpdateLedgerAsync(pending, claimed, Cancellation));

        var receipts = await host.ReceiptsAsync(reply, DeliveryStatus.Unknown, Cancellation);

        Assert.All(receipts, receipt => Assert.Equal((DeliveryStatus.Unknown, "the dispatcher of attempt 1 is gone"), (receipt.Status, receipt.Reason)));
        Assert.Equal(0, host.WhatsApp.Requests);
    }

    [Fact]
    public async Task A_store_that_breaks_off_at_any_write_makes_no_reply_leave_twice_and_none_stay()
    {
        FaultyStore? store = null;
        await using var host = await StartAsync(inner => store = new FaultyStore(inner, seed: 7), Cancellation, ("Dispatcher:SweepInterval", "01:00:00"));
        var replies = new List<Reply>();
        for (var i = 0; i < 20; i++) replies.AddRange(await host.CommitAsync(Cancellation, WhatsAppReply($"{i}", to: $"1650555{i:0000}")));

        store!.FaultsPerHundred = 15;
        foreach (var reply in replies) await host.PublishAsync(reply);

        foreach (var reply in replies) await host.UntilAsync(reply, LedgerState.Sent, Cancellation);
        Assert.Equal(replies.Select(r => r.Content.Text).Order(), host.WhatsApp.Taken.Select(m => m.Text!).Order());
        Assert.True(store.Faults > 5, $"only {store.Faults} faults");
    }

    private static Task<DispatcherHost> StartSweepingAsync(params (string, string)[] settings) =>
        StartAsync(Cancellation, [("Dispatcher:SweepInterval", "00:00:00.100"), ("Dispatcher:SweepAfter", "00:00:00.200"), .. settings]);

    private static Behaviour Ending(string name) => name switch
    {
        "reset" => Behaviour.AcceptThenReset,
        "hang" => Behaviour.AcceptThenHang,
        "502 html" => Behaviour.AcceptThenSay(502, "<html>bad gateway</html>"),
        "200 empty" => Behaviour.AcceptThenSay(200, ""),
        "200 huge" => Behaviour.AcceptThenSay(200, new string(' ', 8 * 1024 * 1024) + """{"messages":[{"id":"wamid.X"}]}""", "application/json"),
        "500 without code" => Behaviour.AcceptThenSay(500, "{}", "application/json"),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };

    private static Receipt Status(Reply reply, Message message) => new()
    {
        Tenant = reply.Tenant,
        ConversationId = reply.ConversationId,
        Channel = reply.Channel,
        Account = reply.Account,
        ReplyId = reply.ReplyId,
        ProviderMessageId = message.Id,
        Status = DeliveryStatus.Delivered,
        At = DateTimeOffset.UtcNow,
    };
}
