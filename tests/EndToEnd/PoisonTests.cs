using System.Globalization;
using System.Text.Json;
using Parley.Common.Records;
using Parley.TestKit;
using Parley.TestKit.Engine;
using Parley.TestKit.Hosts;
using Parley.TestKit.Kafka;

namespace Parley.EndToEnd;

public sealed class PoisonTests
{
    private const int InvalidArgument = 3, Internal = 13;
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;
    private readonly string _token = TestTenant.Token("tester", "conversation:manage");

    [Fact]
    public async Task A_conversation_that_keeps_failing_parks_and_is_released_in_order_while_its_neighbours_go_on()
    {
        await using var broker = await TestBroker.StartAsync(BrokerKind.Embedded, _cancellation);
        await using var engine = await FakeEngine.StartAsync(_cancellation);
        await using var parley = await StartAsync(broker, engine, ("Tenants:0:Failures:MaxAttempts", "3"));
        var broken = true;
        engine.Answer = (request, _) => Task.FromResult(
            broken && request.Messages.Any(m => m.Content.Text == "poison") ? EngineAnswer.Failure(Internal, "boom") : Echo(request));

        await SayAsync(parley, "sick", "poison", "s-1");
        var parked = await ParkedAsync(parley, "sick");
        Assert.Equal((1, 3), (parked.GetProperty("messages").GetInt32(), parked.GetProperty("attempts").GetInt32()));
        Assert.Contains("boom", parked.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], engine.Calls.Select(c => c.Attempt));
        Assert.Single(engine.Calls.Select(c => c.RequestId).Distinct());

        // What comes to it waits behind; a neighbour is answered.
        await SayAsync(parley, "sick", "still there?", "s-2");
        await SayAsync(parley, "well", "hello", "w-1");
        await Eventually.Until(() => TextsAsync(parley, "well"), t => t.SequenceEqual(["hello", "echo: hello"]), _cancellation);
        await Eventually.Until(() => ParkedAsync(parley, "sick"), p => p.GetProperty("messages").GetInt32() == 2, _cancellation);

        broken = false;
        var (exitCode, output, errors) = await parley.RunAsync(
            _cancellation, "redrive", "--conversation", "sick", "--tenant", TestTenant.Id, "--secret", TestTenant.JwtSecret, "--json");
        Assert.True(exitCode == 0, errors);
        Assert.Equal("accepted", JsonDocument.Parse(output).RootElement.GetProperty("status").GetString());
        await Eventually.Until(() => TextsAsync(parley, "sick"), t => t.SequenceEqual(["poison", "still there?", "echo: poison", "echo: still there?"]), _cancellation);
        await Eventually.Until(async () => (await parley.ConversationAsync(_token, "sick", _cancellation))!.Value, c => c.GetProperty("status").GetString() == "active", _cancellation);

        await SayAsync(parley, "sick", "thanks", "s-3");
        await Eventually.Until(() => TextsAsync(parley, "sick"), t => t.LastOrDefault() == "echo: thanks", _cancellation);

        // Facts follow the replies.
        var names = await Eventually.Until(() => Told(broker), n => n.Contains(EventNames.ConversationReleased), _cancellation);
        Assert.Single(names, EventNames.ConversationParked);
        Assert.Single(names, EventNames.ConversationReleased);

        (exitCode, _, errors) = await parley.RunAsync(
            _cancellation, "redrive", "--conversation", "sick", "--tenant", TestTenant.Id, "--secret", TestTenant.JwtSecret);
        Assert.Equal((1, "parley: conversation sick is not parked"), (exitCode, errors));
    }

    private static List<string?> Told(TestBroker broker) =>
        [.. TopicReader.ReadAll(broker.BootstrapServers, Topics.Events).Select(e => JsonDocument.Parse(e.Text).RootElement.GetProperty("name").GetString())];

    [Fact]
    public async Task With_policy_skip_a_refused_message_is_a_dead_letter_with_its_coordinates_and_the_conversation_goes_on()
    {
        await using var broker = await TestBroker.StartAsync(BrokerKind.Embedded, _cancellation);
        await using var engine = await FakeEngine.StartAsync(_cancellation);
        await using var parley = await StartAsync(broker, engine, ("Tenants:0:Failures:WhenSpent", "skip"));
        engine.Answer = (request, _) => Task.FromResult(
            request.Messages.Any(m => m.Content.Text == "poison") ? EngineAnswer.Failure(InvalidArgument, "bad request") : Echo(request));

        await SayAsync(parley, "sick", "poison", "s-1");
        await SayAsync(parley, "sick", "hello", "s-2");
        await Eventually.Until(
            () => TextsAsync(parley, "sick"), t => t.Count == 4 && t.Contains("echo: hello"), _cancellation);
        Assert.Equal(["the engine is away", "echo: hello"], (await TextsAsync(parley, "sick")).Where(t => t is not ("poison" or "hello")));
        Assert.Single(engine.Calls, c => c.Messages[0].MessageId == "s-1");

        var origin = TopicReader.ReadAll(broker.BootstrapServers, Topics.Inbound).Single(e => e.Text.Contains("\"s-1\"", StringComparison.Ordinal));
        var dead = Assert.Single(TopicReader.ReadAll(broker.BootstrapServers, Topics.Dead));
        Assert.Equal((origin.Key, origin.Text), (dead.Key, dead.Text));
        Assert.Equal((Topics.Inbound, "InvalidArgument: bad request"), (dead.Headers["dead_origin"], dead.Headers["dead_reason"]));
        Assert.Equal(
            (origin.Partition.ToString(CultureInfo.InvariantCulture), origin.Offset.ToString(CultureInfo.InvariantCulture)),
            (dead.Headers["dead_partition"], dead.Headers["dead_offset"]));
    }

    [Theory]
    [InlineData(BrokerKind.Embedded)]
    [InlineData(BrokerKind.Apache)]
    public async Task A_message_that_kills_the_process_does_so_three_times_and_is_parked(BrokerKind kind)
    {
        await using var broker = await TestBroker.StartAsync(kind, _cancellation);
        await using var engine = await FakeEngine.StartAsync(_cancellation);
        await using var parley = await StartAsync(broker, engine, ("Kafka:SessionTimeout", "00:00:02"));
        var deadly = new SemaphoreSlim(0);
        engine.Answer = async (request, hungUp) =>
        {
            if (request.Messages[0].Content.Text != "poison") return Echo(request);
            deadly.Release();
            await Task.Delay(Timeout.InfiniteTimeSpan, hungUp);
            return Echo(request);
        };

        await SayAsync(parley, "sick", "poison", "s-1");
        for (var death = 1; death <= 3; death++)
        {
            Assert.True(await deadly.WaitAsync(TimeSpan.FromSeconds(40), _cancellation), $"death {death} did not come");
            await parley.KillAsync();
            await parley.RestartAsync(_cancellation);
        }

        var parked = await ParkedAsync(parley, "sick");
        Assert.Contains("died", parked.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(3, engine.Calls.Count(c => c.Messages[0].MessageId == "s-1"));

        await SayAsync(parley, "well", "hello", "w-1");
        await Eventually.Until(() => TextsAsync(parley, "well"), t => t.SequenceEqual(["hello", "echo: hello"]), _cancellation, TimeSpan.FromSeconds(20));
        Assert.Equal(3, engine.Calls.Count(c => c.Messages[0].MessageId == "s-1"));
    }

    private async Task<ParleyProcess> StartAsync(TestBroker broker, FakeEngine engine, params (string Name, string Value)[] more)
    {
        var settings = TestTenant.Settings().Concat(broker.Settings).ToDictionary();
        settings["Engine:Address"] = engine.Address;
        settings["Engine:Retries"] = "0";
        settings["Processor:RetryDelay"] = "00:00:00.05";
        foreach (var (name, value) in more) settings[name] = value;
        return await ParleyProcess.StartAsync(_cancellation, settings);
    }

    private async Task SayAsync(ParleyProcess parley, string conversation, string text, string id)
    {
        var (status, body) = await parley.PostMessageAsync(
            _token, new { user_id = conversation, conversation_id = conversation, message_id = id, content = new { type = "text", text } }, _cancellation, "respond-async");
        Assert.True(status == 202, $"{status}: {body}");
    }

    private async Task<JsonElement> ParkedAsync(ParleyProcess parley, string conversation)
    {
        var found = await Eventually.Until(
            () => parley.ConversationAsync(_token, conversation, _cancellation), c => c is { } there && there.TryGetProperty("parked", out _), _cancellation, TimeSpan.FromSeconds(25));
        return found!.Value.GetProperty("parked");
    }

    private async Task<List<string?>> TextsAsync(ParleyProcess parley, string conversation) =>
        [.. (await parley.HistoryAsync(_token, conversation, _cancellation) ?? []).Select(e => e.GetProperty("content").GetProperty("text").GetString())];

    private static EngineAnswer Echo(Parley.Engine.V1.ProcessMessageRequest request) => EngineAnswer.Text(request, $"echo: {request.Messages[^1].Content.Text}");
}
