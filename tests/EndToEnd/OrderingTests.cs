using System.Text.Json;
using Parley.TestKit;
using Parley.TestKit.Engine;
using Parley.TestKit.Hosts;
using Parley.TestKit.Kafka;

namespace Parley.EndToEnd;

public sealed class OrderingTests
{
    private const int Conversations = 200;
    private const int MessagesEach = 4;

    [Theory]
    [InlineData(BrokerKind.Embedded)]
    [InlineData(BrokerKind.Apache)]
    public async Task Two_hundred_conversations_at_once_are_each_answered_in_order_one_turn_at_a_time(BrokerKind kind)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var broker = await TestBroker.StartAsync(kind, cancellation);
        await using var engine = await FakeEngine.StartAsync(cancellation);
        var random = new Random(5);
        engine.Answer = async (request, token) =>
        {
            int delay;
            lock (random) delay = random.Next(1, 40);
            await Task.Delay(delay, token);
            return EngineAnswer.Text(request, $"echo: {request.Messages[^1].Content.Text}");
        };
        await using var parley = await ParleyProcess.StartAsync(
            cancellation, TestTenant.Settings().Concat(broker.Settings).Append(new("Engine:Address", engine.Address)).ToDictionary());
        var token = TestTenant.Token();

        await Parallel.ForAsync(0, Conversations, new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = cancellation }, async (n, stop) =>
        {
            for (var i = 0; i < MessagesEach; i++)
            {
                var (status, body) = await parley.PostMessageAsync(
                    token, new { user_id = $"user-{n}", conversation_id = $"conversation-{n}", content = new { type = "text", text = $"{i}" } }, stop, "respond-async");
                Assert.True(status == 202, $"{status}: {body}");
            }
        });

        for (var n = 0; n < Conversations; n++)
        {
            var history = await Eventually.Until(
                () => parley.HistoryAsync(token, $"conversation-{n}", cancellation), h => h is { Count: 2 * MessagesEach }, cancellation);
            var replies = history!.Where(e => e.GetProperty("direction").GetString() == "outbound").Select(Text);
            Assert.Equal(Enumerable.Range(0, MessagesEach).Select(i => $"echo: {i}"), replies);
        }

        Assert.Empty(engine.Overlaps);
        foreach (var calls in engine.Calls.GroupBy(c => c.ConversationId))
        {
            Assert.Equal(Enumerable.Range(0, MessagesEach).Select(i => $"{i}"), calls.Select(c => c.Messages[^1].Content.Text));
        }
    }

    private static string? Text(JsonElement entry) => entry.GetProperty("content").GetProperty("text").GetString();
}
