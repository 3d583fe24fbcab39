using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Common.Stores;
using Parley.TestKit.Hosts;

namespace Parley.Integration.Ingest;

public sealed class LogTests
{
    [Fact]
    public async Task Logs_hold_no_secrets_and_no_words_of_customers()
    {
        var log = new LogLines();
        await using var app = await IngestApp.StartAsync(Stop, configure: builder => builder.Logging.AddProvider(log));
        var token = IngestApp.Token();
        const string words = "CANARY-WORDS";
        const string number = "16505557777";

        using (await app.SendAsync(HttpMethod.Get, $"/webhooks/whatsapp/{TestTenant.PhoneNumberId}?hub.mode=subscribe&hub.verify_token={TestTenant.VerifyToken}&hub.challenge=1", Stop)) { }
        foreach (var secret in new[] { TestTenant.AppSecret, "wrong" })
        {
            using (await TestTenant.PostWebhookAsync(app.Http, TestTenant.WhatsAppText(number, words, "wamid.1"), Stop, secret)) { }
            using (await TestTenant.PostWebhookAsync(app.Http, Encoding.UTF8.GetBytes($"{{\"{words}\": \"{number}\", x"), Stop, secret)) { }
            using (await TestTenant.PostWebhookAsync(app.Http, TestTenant.WhatsAppText(number, new string('x', 17_000) + words, "wamid.2"), Stop, secret)) { }
        }

        foreach (var authorization in new[] { token, token[..^2], "CANARY-TOKEN" })
        {
            using (await app.SendAsync(HttpMethod.Post, "/api/v2/chat/message", Stop, authorization, new { user_id = number, content = new { type = "text", text = words } }, ("Prefer", "respond-async"))) { }
            using (await app.SendAsync(HttpMethod.Post, "/api/v2/chat/message", Stop, authorization, new { user_id = number, content = words })) { }
        }

        Assert.NotEmpty(log.Lines);
        string[] canaries = [words, number, TestTenant.VerifyToken, TestTenant.AppSecret, TestTenant.JwtSecret, TestTenant.AccessToken, "CANARY-TOKEN", token.Split('.')[1], token.Split('.')[2]];
        Assert.All(log.Lines, line => Assert.All(canaries, canary => Assert.DoesNotContain(canary, line, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_caller_cannot_write_lines_of_its_own_into_the_log()
    {
        var log = new LogLines();
        await using var app = await IngestApp.StartAsync(
            Stop, kind: null, configure: builder =>
            {
                builder.Logging.AddProvider(log);
                builder.Services.AddSingleton<IConversationStore>(BrokenStore.Failing(() => new StoreUnavailableException("away")));
            });
        using (await app.SendAsync(HttpMethod.Post, "/webhooks/whatsapp/1%0d%0aforged", Stop, body: "{}"u8.ToArray())) { }
        using (await app.SendAsync(HttpMethod.Get, "/api/v2/chat/conversations/x%0d%0aforged/history", Stop, IngestApp.Token())) { }
        Assert.All(log.Lines, line => Assert.DoesNotContain("\nforged", line, StringComparison.Ordinal));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private sealed class LogLines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{logLevel} {formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
