using System.Net;
using Parley.TestKit;
using Parley.TestKit.Engine;
using Parley.TestKit.Hosts;
using Parley.TestKit.Kafka;

namespace Parley.EndToEnd;

public sealed class CrashTests
{
    private const string Customer = "16505551234";

    [Theory]
    [InlineData(BrokerKind.Embedded)]
    [InlineData(BrokerKind.Apache)]
    public async Task A_process_that_is_killed_in_mid_turn_and_started_again_answers_once(BrokerKind kind)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var broker = await TestBroker.StartAsync(kind, cancellation);
        await using var engine = await FakeEngine.StartAsync(cancellation);
        await using var whatsApp = await FakeWhatsApp.StartAsync();
        await using var parley = await ParleyProcess.StartAsync(
            cancellation, TestTenant.Settings(whatsApp.Address).Concat(broker.Settings).Append(new("Engine:Address", engine.Address)).ToDictionary());
        var inTheEngine = new TaskCompletionSource();
        engine.Answer = async (request, hungUp) =>
        {
            inTheEngine.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, hungUp);
            return EngineAnswer.Text(request, "never said");
        };

        await SendAsync(parley, "first", "wamid.in.1", cancellation);
        await inTheEngine.Task.WaitAsync(cancellation);
        await parley.KillAsync();
        engine.Answer = static (request, _) => Task.FromResult(EngineAnswer.Text(request, $"echo: {request.Messages[^1].Content.Text}"));
        await parley.RestartAsync(cancellation);

        // What comes after it in the conversation comes out after it: when it is there, nothing more can follow.
        await SendAsync(parley, "second", "wamid.in.2", cancellation);
        await Eventually.True(() => whatsApp.Taken.Any(m => m.Text == "echo: second"), cancellation, TimeSpan.FromSeconds(25));
        Assert.Equal(["echo: first", "echo: second"], whatsApp.Taken.Select(m => m.Text));
        Assert.Equal(2, engine.Calls.Count(c => c.Messages[^1].MessageId == "wamid.in.1"));
        Assert.Single(engine.Calls.Where(c => c.Messages[^1].MessageId == "wamid.in.1").Select(c => c.RequestId).Distinct());
    }

    [Fact]
    public async Task A_webhook_that_is_delivered_three_times_is_answered_once()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var broker = await TestBroker.StartAsync(BrokerKind.Embedded, cancellation);
        await using var engine = await FakeEngine.StartAsync(cancellation);
        await using var whatsApp = await FakeWhatsApp.StartAsync();
        await using var parley = await ParleyProcess.StartAsync(
            cancellation, TestTenant.Settings(whatsApp.Address).Concat(broker.Settings).Append(new("Engine:Address", engine.Address)).ToDictionary());

        for (var i = 0; i < 3; i++) await SendAsync(parley, "hello", "wamid.in.1", cancellation);
        await SendAsync(parley, "bye", "wamid.in.2", cancellation);

        await Eventually.True(() => whatsApp.Taken.Any(m => m.Text == "echo: bye"), cancellation);
        Assert.Equal(["echo: hello", "echo: bye"], whatsApp.Taken.Select(m => m.Text));
        Assert.Equal(2, engine.Calls.Count);
    }

    private static async Task SendAsync(ParleyProcess parley, string text, string id, CancellationToken cancellation)
    {
        using var response = await TestTenant.PostWebhookAsync(parley.Http, TestTenant.WhatsAppText(Customer, text, id), cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }
}
