using System.Net;
using System.Net.Sockets;
using Parley.Common.Backplane;
using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.TestKit;
using Microsoft.Extensions.DependencyInjection;
using static Parley.Integration.Dispatcher.DispatcherHost;
using static Parley.TestKit.FakeWhatsApp;

namespace Parley.Integration.Dispatcher;

public sealed class SendingTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reply_is_sent_once_and_its_receipt_says_under_which_id()
    {
        await using var host = await StartAsync(Cancellation);

        var reply = (await host.SendAsync(Cancellation, WhatsAppReply("hello")))[0];

        var receipt = Assert.Single(await host.ReceiptsAsync(reply, DeliveryStatus.Accepted, Cancellation));
        var message = Assert.Single(host.WhatsApp.Taken);
        Assert.Equal((message.Id, null, true), (receipt.ProviderMessageId, receipt.Reason, receipt.Recorded));
        Assert.Equal((Account, "token-of-the-first", "hello"), (message.Account, message.Token, message.Text));
        Assert.Equal($"{reply.ReplyId}.{reply.ConversationId}", message.Callback);
        var row = await host.RowAsync(reply, Cancellation);
        Assert.Equal((LedgerState.Sent, 1, message.Id), (row.State, row.Attempt, row.ProviderMessageId));
    }

    [Fact]
    public async Task The_same_record_twice_is_one_send()
    {
        await using var host = await StartAsync(Cancellation);
        var reply = (await host.SendAsync(Cancellation, WhatsAppReply("hello")))[0];

        for (var i = 0; i < 3; i++) await host.PublishAsync(reply);
        var after = (await host.SendAsync(Cancellation, WhatsAppReply("after")))[0];

        await host.UntilAsync(after, LedgerState.Sent, Cancellation);
        Assert.Equal(["hello", "after"], host.WhatsApp.Taken.Select(m => m.Text));
    }

    [Fact]
    public async Task What_became_of_a_copy_is_for_the_conversations_owner_to_look_up()
    {
        await using var host = await StartAsync(Cancellation);
        var reply = (await host.SendAsync(Cancellation, WhatsAppReply("hello")))[0];
        await host.ReceiptsAsync(reply, DeliveryStatus.Accepted, Cancellation);

        await host.PublishAsync(reply);

        var receipts = await Eventually.Until(() => Task.FromResult(host.Receipts(reply)), all => all.Count == 2, Cancellation);
        Assert.Equal([true, false], receipts.Select(r => r.Recorded));
    }

    [Fact]
    public async Task Copies_of_a_reply_that_was_sent_take_nothing_of_its_recipients_pace()
    {
        await using var host = await StartAsync(Cancellation);
        var reply = (await host.SendAsync(Cancellation, WhatsAppReply("hello")))[0];

        // More than may leave at once: if each took a place, the next reply would wait for minutes.
        for (var i = 0; i < 80; i++) await host.PublishAsync(reply);
        var after = (await host.SendAsync(Cancellation, WhatsAppReply("after")))[0];

        await host.UntilAsync(after, LedgerState.Sent, Cancellation);
        Assert.Equal(["hello", "after"], host.WhatsApp.Taken.Select(m => m.Text));
    }

    [Fact]
    public async Task Replies_of_a_conversation_leave_in_order_also_when_the_first_is_refused_for_a_while()
    {
        await using var host = await StartAsync(Cancellation);
        host.WhatsApp.Then(Behaviour.Error(500, 131016), Behaviour.Accept, Behaviour.Error(400, 2));

        var replies = await host.SendAsync(Cancellation, WhatsAppReply("1"), WhatsAppReply("2"), WhatsAppReply("3"));
        var neighbour = (await host.SendAsync(Cancellation, WhatsAppReply("next door", to: "16505550000")))[0];

        await host.UntilAsync(replies[2], LedgerState.Sent, Cancellation);
        await host.UntilAsync(neighbour, LedgerState.Sent, Cancellation);
        Assert.Equal(["1", "2", "3"], host.WhatsApp.Taken.Select(m => m.Text).Where(t => t != "next door"));
    }

    [Fact]
    public async Task A_connection_that_is_refused_is_tried_again_and_the_reply_sent()
    {
        await using var host = await StartAsync(Cancellation);
        await host.WhatsApp.StopListeningAsync();
        var reply = (await host.SendAsync(Cancellation, WhatsAppReply("hello")))[0];
        await Eventually.Until<LedgerEntry>(() => host.RowAsync(reply, Cancellation), row => row is { State: LedgerState.Pending, Attempt: > 0 }, Cancellation);

        await host.WhatsApp.ListenAsync();

        Assert.True((await host.UntilAsync(reply, LedgerState.Sent, Cancellation)).Attempt > 1);
        Assert.Single(host.WhatsApp.Taken);
    }

    [Fact]
    public async Task What_is_refused_for_good_has_failed_and_the_next_reply_goes_on()
    {
        await using var host = await StartAsync(Cancellation);
        host.WhatsApp.Then(Behaviour.Error(400, 131047, "Re-engagement message"));

        var replies = await host.SendAsync(Cancellation, WhatsAppReply("too late"), WhatsAppReply("next"));

        var receipt = Assert.Single(await host.ReceiptsAsync(replies[0], DeliveryStatus.Failed, Cancellation));
        Assert.Equal("131047: Re-engagement message", receipt.Reason);
        await host.UntilAsync(replies[1], LedgerState.Sent, Cancellation);
        Assert.Equal("next", Assert.Single(host.WhatsApp.Taken).Text);
    }

    [Fact]
    public async Task A_dead_credential_stops_its_account_and_no_other()
    {
        await using var host = await StartAsync(Cancellation);
        host.WhatsApp.DeadTokens["token-of-the-first"] = true;

        var stuck = (await host.SendAsync(Cancellation, WhatsAppReply("stuck")))[0];
        await Eventually.Until<LedgerEntry>(() => host.RowAsync(stuck, Cancellation), row => row is { State: LedgerState.Pending, Attempt: 1 }, Cancellation);
        var waiting = (await host.SendAsync(Cancellation, WhatsAppReply("waiting", to: "16505550000")))[0];
        var other = (await host.SendAsync(Cancellation, WhatsAppReply("other", account: OtherAccount)))[0];

        await host.UntilAsync(other, LedgerState.Sent, Cancellation);
        Assert.Equal(0, (await host.RowAsync(waiting, Cancellation)).Attempt);
        Assert.Equal("other", Assert.Single(host.WhatsApp.Taken).Text);
        Assert.Equal(2, host.WhatsApp.Requests);
        Assert.StartsWith("190: Error validating access token", (await host.RowAsync(stuck, Cancellation)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_over_its_limit_waits_as_long_as_the_channel_asks()
    {
        await using var host = await StartAsync(Cancellation);
        host.WhatsApp.Then(Behaviour.Error(429, 130429, retryAfter: "1"));
        var started = DateTimeOffset.UtcNow;

        var reply = (await host.SendAsync(Cancellation, WhatsAppReply("hello")))[0];
        await Eventually.Until<LedgerEntry>(() => host.RowAsync(reply, Cancellation), row => row is { State: LedgerState.Pending, Attempt: 1 }, Cancellation);
        var neighbour = (await host.SendAsync(Cancellation, WhatsAppReply("neighbour", to: "16505550000")))[0];

        await host.UntilAsync(reply, LedgerState.Sent, Cancellation);
        await host.UntilAsync(neighbour, LedgerState.Sent, Cancellation);
        Assert.All(host.WhatsApp.Taken, message => Assert.True(message.At - started > TimeSpan.FromSeconds(0.95), $"sent after {message.At - started}"));
    }

    [Fact]
    public async Task No_more_replies_of_an_account_are_claimed_than_it_has_places_until_their_bytes_leave()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();

        // A connection that gets no further than its handshake: nothing of a message leaves.
        await using var host = await StartAsync(
            Cancellation, ("Dispatcher:ClaimsPerAccount", "3"), ("Tenants:0:Accounts:0:ApiBase", $"https://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}"));
        var held = new List<Reply>();
        for (var i = 0; i < 12; i++) held.AddRange(await host.SendAsync(Cancellation, WhatsAppReply("held", to: $"1650555{i:0000}")));

        var other = (await host.SendAsync(Cancellation, WhatsAppReply("other", account: OtherAccount)))[0];

        await host.UntilAsync(other, LedgerState.Sent, Cancellation);
        var rows = await Eventually.Until<LedgerEntry[]>(
            () => Task.WhenAll(held.Select(reply => host.RowAsync(reply, Cancellation))), all => all.Count(row => row.State == LedgerState.Sending) >= 3, Cancellation);
        Assert.Equal((3, 9), (rows.Count(row => row.State == LedgerState.Sending), rows.Count(row => row.State == LedgerState.Pending)));
        silent.Stop();
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_takes_no_token_along()
    {
        await using var host = await StartAsync(Cancellation);
        using var canary = new TcpListener(IPAddress.Loopback, 0);
        canary.Start();
        host.WhatsApp.Then(Behaviour.RedirectTo($"http://{canary.LocalEndpoint}/v25.0/{Account}/messages"));

        var reply = (await host.SendAsync(Cancellation, WhatsAppReply("hello")))[0];

        Assert.Equal(2, (await host.UntilAsync(reply, LedgerState.Sent, Cancellation)).Attempt);
        Assert.False(canary.Pending());
    }

    [Fact]
    public async Task Long_text_leaves_in_parts_and_a_part_that_was_taken_is_not_sent_again()
    {
        await using var host = await StartAsync(Cancellation);
        host.WhatsApp.Then(Behaviour.Accept, Behaviour.Error(500, 131000));
        var text = string.Join(' ', Enumerable.Range(0, 2000).Select(i => $"{i:0000}"));

        var reply = (await host.SendAsync(Cancellation, WhatsAppReply(text)))[0];

        var row = await host.UntilAsync(reply, LedgerState.Sent, Cancellation);
        Assert.Equal(text, string.Join(' ', host.WhatsApp.Taken.Select(m => m.Text)));
        Assert.Equal((3, 4), (row.PartsSent, row.Attempt));
        Assert.Equal([$"{reply.ReplyId}+1.{reply.ConversationId}", $"{reply.ReplyId}+2.{reply.ConversationId}", $"{reply.ReplyId}.{reply.ConversationId}"],
            host.WhatsApp.Taken.Select(m => m.Callback));
    }

    [Fact]
    public async Task A_reply_made_before_a_person_took_over_does_not_leave()
    {
        await using var host = await StartAsync(Cancellation);
        var late = (await host.CommitAsync(Cancellation, WhatsAppReply("from the bot")))[0];
        await HandOverAsync(host, late);

        await host.PublishAsync(late);
        var agents = (await host.SendAsync(Cancellation, WhatsAppReply("from a person") with { OwnershipEpoch = 1 }))[0];

        await host.UntilAsync(agents, LedgerState.Sent, Cancellation);
        Assert.Equal("the conversation was handed over before it left", (await host.UntilAsync(late, LedgerState.Failed, Cancellation)).Reason);
        Assert.Equal("from a person", Assert.Single(host.WhatsApp.Taken).Text);
    }

    [Fact]
    public async Task A_reply_without_a_way_out_has_failed_and_says_what_is_missing()
    {
        await using var host = await StartAsync(Cancellation);

        var stranger = (await host.SendAsync(Cancellation, WhatsAppReply("hello", account: "999")))[0];
        var foreign = (await host.SendAsync(Cancellation, WhatsAppReply("hello") with { Tenant = "another" }))[0];

        Assert.Equal("tenant 'demo' has no account '999' on channel 'whatsapp' (setting Tenants)", (await host.UntilAsync(stranger, LedgerState.Failed, Cancellation)).Reason);
        Assert.StartsWith("tenant 'another' has no account", (await host.UntilAsync(foreign, LedgerState.Failed, Cancellation)).Reason, StringComparison.Ordinal);
        Assert.Equal(0, host.WhatsApp.Requests);
    }

    [Fact]
    public async Task A_reply_that_no_turn_made_is_a_dead_letter()
    {
        await using var host = await StartAsync(Cancellation);

        await host.PublishAsync(WhatsAppReply("forged") with { ReplyId = "r_forged", TurnId = "t", Seq = 1 });

        var dead = await Eventually.Until<IReadOnlyList<KafkaRecord>>(() => Task.FromResult(host.Read(Topics.Dead)), records => records.Count > 0, Cancellation);
        Assert.Contains("'r_forged' is not in the store", Assert.Single(dead).Header("dead_reason"), StringComparison.Ordinal);
        Assert.Equal(0, host.WhatsApp.Requests);
    }

    [Fact]
    public async Task On_the_web_sending_is_telling_the_streams_to_look()
    {
        await using var host = await StartAsync(Cancellation);
        var heard = new TaskCompletionSource<string>();
        var reply = WebReply("hello");
        await using var stream = await host.Services.GetRequiredService<IBackplane>().SubscribeAsync(Notices.Conversation(reply.Key), notice => heard.TrySetResult(notice));

        reply = (await host.SendAsync(Cancellation, reply))[0];

        Assert.Equal(Notices.History, await heard.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation));
        Assert.Null(Assert.Single(await host.ReceiptsAsync(reply, DeliveryStatus.Accepted, Cancellation)).ProviderMessageId);
    }

    private static async Task HandOverAsync(DispatcherHost host, Reply reply)
    {
        var state = (await host.Store.LoadAsync(reply.Key, Cancellation))!;
        var handedOver = new TurnCommit
        {
            Key = reply.Key,
            ExpectedVersion = state.Version,
            State = state with { Version = state.Version + 1, OwnershipEpoch = 1 },
            TurnId = "t_handover",
            Messages = [],
            Replies = [],
        };
        Assert.Equal([CommitOutcome.Committed], await host.Store.CommitAsync([handedOver], Cancellation));
    }
}
