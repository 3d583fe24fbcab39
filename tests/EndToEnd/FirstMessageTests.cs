using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Parley.TestKit;
using Parley.TestKit.Hosts;
using Parley.TestKit.Kafka;

namespace Parley.EndToEnd;

/// <summary>The first message through each way, as the README tells a newcomer.</summary>
public sealed partial class FirstMessageTests(DefaultRuns runs) : IClassFixture<DefaultRuns>
{
    private const string Question = "Where is my order ORD123456?";
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(BrokerKind.Embedded)]
    [InlineData(BrokerKind.Apache)]
    public async Task The_printed_curl_is_answered(BrokerKind kind)
    {
        var parley = await runs.GetAsync(kind);
        var curl = parley.Banner.Split('\n').First(l => l.TrimStart().StartsWith("curl ", StringComparison.Ordinal)).Trim();

        await using var shell = ChildProcess.Start("bash", ["-c", curl]);
        Assert.Equal(0, await shell.WaitAsync(_cancellation));
        var answer = JsonDocument.Parse(shell.Output).RootElement;
        Assert.Equal("success", answer.GetProperty("status").GetString());
        Assert.Contains("ORD", answer.GetProperty("data").GetProperty("response").GetProperty("content").GetString());
    }

    [Theory]
    [InlineData(BrokerKind.Embedded)]
    [InlineData(BrokerKind.Apache)]
    public async Task A_WhatsApp_message_is_answered_at_the_simulator(BrokerKind kind)
    {
        var parley = await runs.GetAsync(kind);
        var (exitCode, _, errors) = await parley.RunAsync(_cancellation, "send", "whatsapp", "--text", Question, "--from", "16505550123", "--data", parley.Data);
        Assert.True(exitCode == 0, errors);

        var sent = await Eventually.Until(
            () => parley.Http.GetStringAsync("/simulator/whatsapp/sent", _cancellation), s => s.Contains("ORD123456", StringComparison.Ordinal), _cancellation);
        Assert.Contains("16505550123", sent);
    }

    [Theory]
    [InlineData(BrokerKind.Embedded)]
    [InlineData(BrokerKind.Apache)]
    public async Task A_record_produced_with_kcat_is_answered(BrokerKind kind)
    {
        if (ChildProcess.Find("kcat") is null) Assert.Skip("kcat is missing (Debian: apt-get install kcat)");
        var parley = await runs.GetAsync(kind);
        await RunAsync("bash", Example("produce-kcat.sh"), BrokerOf(parley), "order-desk-kcat", Question);
        await AssertAnsweredAsync(parley, "order-desk-kcat");
    }

    [Theory]
    [InlineData(BrokerKind.Embedded)]
    [InlineData(BrokerKind.Apache)]
    public async Task A_record_produced_with_kafkajs_is_answered_and_its_facts_can_be_read(BrokerKind kind)
    {
        if (NodePackages.Missing is { } reason) Assert.Skip(reason);
        var parley = await runs.GetAsync(kind);
        var folder = await NodePackages.FolderAsync(_cancellation, "kafkajs@2.2.4");
        foreach (var example in new[] { "produce-kafkajs.mjs", "read-events-kafkajs.mjs" }) File.Copy(Example(example), Path.Combine(folder, example), overwrite: true);

        await RunAsync("node", Path.Combine(folder, "produce-kafkajs.mjs"), BrokerOf(parley), "order-desk-kafkajs", Question, "kafkajs-1");
        await AssertAnsweredAsync(parley, "order-desk-kafkajs");

        await using var reader = ChildProcess.Start("node", [Path.Combine(folder, "read-events-kafkajs.mjs"), BrokerOf(parley), $"test-{Guid.NewGuid()}"]);
        await Eventually.True(
            () => reader.Output.Contains("parley.event.message-processed.v1 order-desk-kafkajs kafkajs-1", StringComparison.Ordinal), _cancellation);
    }

    [Fact]
    public async Task The_page_answers_in_a_real_browser_and_survives_a_reload()
    {
        await using var chromium = await Chromium.StartAsync();
        var parley = await runs.GetAsync(BrokerKind.Embedded);
        var page = await chromium.OpenAsync(parley.Url + "/");

        await page.Locator("#text").FillAsync(Question);
        await page.Locator("#text").PressAsync("Enter");
        var answer = page.Locator("#log > .msg:not(.mine)").Filter(new LocatorFilterOptions { HasText = "ORD123456" }).First;
        await answer.WaitForAsync();
        await Chromium.ShootAsync(page, "chat");
        var text = await answer.InnerTextAsync();

        await page.ReloadAsync();
        await page.Locator("#log > .msg:not(.mine)").First.WaitForAsync();
        Assert.Contains(text.Split('\n')[0], await page.Locator("#log").InnerTextAsync());
    }

    [Fact]
    public async Task A_second_run_on_the_same_data_still_has_the_conversation()
    {
        await using var parley = await ParleyProcess.StartAsync(_cancellation);
        var token = await parley.TokenAsync(_cancellation);
        var (status, body) = await parley.PostMessageAsync(
            token, new { user_id = "ann", conversation_id = "kept-1", content = new { type = "text", text = Question } }, _cancellation);
        Assert.True(status == 200, $"{status}: {body}");

        Assert.Equal(0, await parley.StopAsync(_cancellation));
        await parley.RestartAsync(_cancellation);
        Assert.Equal(2, (await parley.HistoryAsync(await parley.TokenAsync(_cancellation), "kept-1", _cancellation))!.Count);

        (status, body) = await parley.PostMessageAsync(
            token, new { user_id = "ann", conversation_id = "kept-1", content = new { type = "text", text = "When does it arrive?" } }, _cancellation);
        Assert.True(status == 200, $"{status}: {body}");
        Assert.Contains("ORD123456", body.GetProperty("data").GetProperty("response").GetProperty("content").GetString());
    }

    private static string Example(string name) => Path.Combine(Repository.Root, "contracts", "examples", name);

    private static string BrokerOf(ParleyProcess parley) => Address().Match(parley.Banner.Split('\n').First(l => l.Contains("kcat ", StringComparison.Ordinal))).Value;

    private async Task RunAsync(string program, params string[] arguments)
    {
        await using var child = ChildProcess.Start(program, arguments);
        var exitCode = await child.WaitAsync(_cancellation);
        Assert.True(exitCode == 0, child.AllOutput);
    }

    private async Task AssertAnsweredAsync(ParleyProcess parley, string conversation)
    {
        var token = await parley.TokenAsync(_cancellation);
        var history = await Eventually.Until(() => parley.HistoryAsync(token, conversation, _cancellation), h => h is { Count: 2 }, _cancellation);
        Assert.Contains("ORD123456", history![1].GetProperty("content").GetProperty("text").GetString());
    }

    [GeneratedRegex(@"127\.0\.0\.1:\d+")]
    private static partial Regex Address();
}
