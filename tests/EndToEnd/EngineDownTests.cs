using Parley.TestKit;
using Parley.TestKit.Engine;
using Parley.TestKit.Hosts;
using Parley.TestKit.Kafka;

namespace Parley.EndToEnd;

public sealed class EngineDownTests
{
    [Theory]
    [InlineData(BrokerKind.Embedded)]
    [InlineData(BrokerKind.Apache)]
    public async Task An_engine_that_is_down_gets_the_fallback_text_said_once_and_the_conversation_goes_on(BrokerKind kind)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var broker = await TestBroker.StartAsync(kind, cancellation);
        var port = FreePort.Take();
        var settings = TestTenant.Settings().Concat(broker.Settings).Concat(new Dictionary<string, string>
        {
            ["Engine:Address"] = $"http://127.0.0.1:{port}",
            ["Engine:FallbackAfter"] = "00:00:01",
            ["Engine:BreakerPause"] = "00:00:00.5",
        }).ToDictionary();
        await using var parley = await ParleyProcess.StartAsync(cancellation, settings);
        var token = TestTenant.Token();

        var (status, body) = await parley.PostMessageAsync(token, Message("are you there?"), cancellation, "wait=20");
        Assert.True(status == 200, $"{status}: {body}");
        var response = body.GetProperty("data").GetProperty("response");
        Assert.Equal("the engine is away", response.GetProperty("content").GetString());
        Assert.True(response.GetProperty("fallback").GetBoolean());

        await using var engine = await FakeEngine.StartAsync(cancellation, port);
        (status, body) = await parley.PostMessageAsync(token, Message("and now?"), cancellation, "wait=20");
        Assert.True(status == 200, $"{status}: {body}");
        Assert.Equal("echo: and now?", body.GetProperty("data").GetProperty("response").GetProperty("content").GetString());

        var history = await parley.HistoryAsync(token, "down-1", cancellation);
        Assert.Equal(
            ["are you there?", "the engine is away", "and now?", "echo: and now?"],
            history!.Select(e => e.GetProperty("content").GetProperty("text").GetString()));
    }

    private static object Message(string text) => new { user_id = "ann", conversation_id = "down-1", content = new { type = "text", text } };
}
