using System.Text.Json;
using Parley.TestKit;
using Parley.TestKit.Hosts;

namespace Parley.Integration.Standalone;

/// <summary>The program as a user runs it.</summary>
public sealed class ProgramTests(ProgramTests.Program program) : IClassFixture<ProgramTests.Program>
{
    [Fact]
    public async Task The_banner_ends_with_the_ready_line_and_its_curl_works_when_pasted()
    {
        var lines = program.Parley.Banner.TrimEnd().Split('\n');
        Assert.Equal($"ready {program.Parley.Url}", lines[^1]);

        var (exitCode, output, _) = await ShellAsync(lines.Single(l => l.TrimStart().StartsWith("curl ", StringComparison.Ordinal)));

        Assert.Equal(0, exitCode);
        Assert.Equal("success", JsonDocument.Parse(output).RootElement.GetProperty("status").GetString());
    }

    [Fact]
    public async Task The_banners_kcat_command_produces_a_message_that_is_answered()
    {
        Assert.SkipWhen(ChildProcess.Find("kcat") is null, "kcat is not installed");
        var command = program.Parley.Banner.Split('\n').Single(l => l.Contains("| kcat ", StringComparison.Ordinal));
        var conversation = command[command.IndexOf("c_", StringComparison.Ordinal)..][..34];
        var token = await program.Parley.TokenAsync(Token);
        var before = (await program.Parley.HistoryAsync(token, conversation, Token))?.Count ?? 0;

        var (exitCode, _, errors) = await ShellAsync(command);

        Assert.True(exitCode == 0, errors);
        await Eventually.Until(() => program.Parley.HistoryAsync(token, conversation, Token), history => history?.Count >= before + 2, Token);
    }

    [Fact]
    public async Task Send_whatsapp_starts_a_conversation_that_history_and_the_topics_show()
    {
        var (exitCode, output, errors) = await RunAsync("send", "whatsapp", "--text", "where is ORD123456?", "--from", "15550123", "--name", "Ada", "--data", program.Parley.Data, "--json");
        Assert.True(exitCode == 0, errors);
        var conversation = JsonDocument.Parse(output).RootElement.GetProperty("conversation_id").GetString()!;

        var history = await Eventually.Until(
            () => RunAsync("history", conversation, "--data", program.Parley.Data), h => h.Output.Contains("(read)", StringComparison.Ordinal), Token);
        Assert.Contains("customer  where is ORD123456?", history.Output, StringComparison.Ordinal);
        Assert.Contains("  parley  Order ORD123456", history.Output, StringComparison.Ordinal);

        var followed = await RunAsync("outbound", "--from-beginning", "--count", "1");
        Assert.Equal("parley.reply.v1", JsonDocument.Parse(followed.Output).RootElement.GetProperty("type").GetString());
    }

    [Fact]
    public async Task Send_web_prints_the_answer()
    {
        var (exitCode, output, errors) = await RunAsync("send", "web", "--text", "what's in ORD123456?", "--from", "pat", "--data", program.Parley.Data);

        Assert.True(exitCode == 0, errors);
        Assert.StartsWith("Order ORD123456: 2 × Set of 3 beeswax candles", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_tells_by_its_exit_code()
    {
        Assert.Equal((0, "healthy (store healthy, broker healthy, backplane healthy, engine healthy)", ""), await RunAsync("health"));

        var (exitCode, output, errors) = await RunAsync("health", "--url", "http://127.0.0.1:1");
        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith("parley: no Parley answers at http://127.0.0.1:1/ (--url", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "give either --text or --file", "send", "web")]
    [InlineData(1, "--file", "send", "web", "--file", "/nowhere/body.json")]
    [InlineData(1, "there is no conversation c_0", "history", "c_0")]
    [InlineData(1, "Unrecognized command or argument '--txt'", "send", "web", "--txt", "x")]
    [InlineData(1, "'--prot=1' is not an option", "serve", "--prot=1")]
    [InlineData(1, "--secret", "token", "--secret", "short")]
    [InlineData(1, "is in use by another parley", "serve", "--port", "0")]
    public async Task A_mistake_is_one_line_on_the_error_output(int code, string part, params string[] args)
    {
        var (exitCode, output, errors) = await RunAsync([.. args, .. args[0] is "history" or "serve" ? new[] { "--data", program.Parley.Data } : []]);

        Assert.Equal((code, ""), (exitCode, output));
        Assert.StartsWith("parley: ", errors, StringComparison.Ordinal);
        Assert.Contains(part, errors, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', errors);
    }

    [Fact]
    public async Task Stops_on_sigterm_within_seconds_and_says_nothing_but_its_banner()
    {
        await using var parley = await ParleyProcess.StartAsync(Token);
        var (status, _) = await parley.PostMessageAsync(await parley.TokenAsync(Token), new { user_id = "u", content = new { type = "text", text = "hi" } }, Token);
        Assert.Equal(200, status);

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(10));
        Assert.Equal(0, await parley.StopAsync(patience.Token));
        Assert.Equal("", parley.Process.Errors);
        Assert.EndsWith($"ready {parley.Url}", parley.Process.Output.TrimEnd(), StringComparison.Ordinal);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] args) => program.Parley.RunAsync(Token, args);

    private static async Task<(int ExitCode, string Output, string Errors)> ShellAsync(string command)
    {
        await using var shell = ChildProcess.Start("/bin/sh", ["-c", command]);
        return (await shell.WaitAsync(Token), shell.Output.TrimEnd(), shell.Errors.TrimEnd());
    }

    /// <summary>One instance for all tests of the class.</summary>
    public sealed class Program : IAsyncLifetime
    {
        public ParleyProcess Parley { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Parley = await ParleyProcess.StartAsync(
            CancellationToken.None, new Dictionary<string, string> { ["Simulator:StatusDelay"] = "00:00:00.020" });

        public ValueTask DisposeAsync() => Parley.DisposeAsync();
    }
}
