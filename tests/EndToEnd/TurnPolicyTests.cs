using Parley.TestKit;
using Parley.TestKit.Engine;
using Parley.TestKit.Hosts;
using Parley.TestKit.Kafka;

namespace Parley.EndToEnd;

public sealed class TurnPolicyTests
{
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_that_comes_while_the_engine_is_at_work_ends_the_call_and_both_go_into_the_next_turn()
    {
        await using var engine = await FakeEngine.StartAsync(_cancellation);
        await using var run = await RunAsync(engine, "Interrupt");
        var inTheEngine = new TaskCompletionSource();
        var ended = new TaskCompletionSource();
        engine.Answer = async (request, hungUp) =>
        {
            if (request.Messages.Count > 1) return EngineAnswer.Text(request, string.Join(" + ", request.Messages.Select(m => m.Content.Text)));
            inTheEngine.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, hungUp).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ended.TrySetResult();
            return EngineAnswer.Text(request, "too late");
        };

        await SayAsync(run.Parley, "I would like");
        await inTheEngine.Task.WaitAsync(_cancellation);
        await SayAsync(run.Parley, "two candles");

        await ended.Task.WaitAsync(TimeSpan.FromSeconds(10), _cancellation);
        Assert.Equal(["I would like", "two candles", "I would like + two candles"], await TextsAsync(run.Parley, 3));
    }

    [Fact]
    public async Task Debounce_puts_what_a_customer_says_in_one_breath_into_one_turn()
    {
        await using var engine = await FakeEngine.StartAsync(_cancellation);
        await using var run = await RunAsync(engine, "Debounce");
        engine.Answer = static (request, _) => Task.FromResult(EngineAnswer.Text(request, string.Join(" + ", request.Messages.Select(m => m.Content.Text))));

        foreach (var text in new[] { "one", "two", "three" }) await SayAsync(run.Parley, text);
        Assert.Equal(["one", "two", "three", "one + two + three"], await TextsAsync(run.Parley, 4));
        Assert.Single(engine.Calls);
    }

    private async Task<Run> RunAsync(FakeEngine engine, string mode)
    {
        var broker = await TestBroker.StartAsync(BrokerKind.Embedded, _cancellation);
        var settings = TestTenant.Settings().Concat(broker.Settings).Concat(new Dictionary<string, string>
        {
            ["Engine:Address"] = engine.Address,
            ["Tenants:0:TurnPolicies:web:Mode"] = mode,
            ["Tenants:0:TurnPolicies:web:Pause"] = "00:00:01.5",
        }).ToDictionary();
        return new Run(await ParleyProcess.StartAsync(_cancellation, settings), broker);
    }

    private async Task SayAsync(ParleyProcess parley, string text)
    {
        var (status, body) = await parley.PostMessageAsync(
            TestTenant.Token(), new { user_id = "ann", conversation_id = "policy-1", content = new { type = "text", text } }, _cancellation, "respond-async");
        Assert.True(status == 202, $"{status}: {body}");
    }

    private async Task<IEnumerable<string?>> TextsAsync(ParleyProcess parley, int count)
    {
        var history = await Eventually.Until(() => parley.HistoryAsync(TestTenant.Token(), "policy-1", _cancellation), h => h?.Count >= count, _cancellation);
        return history!.Select(e => e.GetProperty("content").GetProperty("text").GetString());
    }

    private sealed record Run(ParleyProcess Parley, TestBroker Broker) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Parley.DisposeAsync();
            await Broker.DisposeAsync();
        }
    }
}
