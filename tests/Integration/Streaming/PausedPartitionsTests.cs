using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Parley.Common.Kafka;
using Parley.Common.Records;
using Parley.Common.Streaming;
using Parley.TestKit;
using Parley.TestKit.Kafka;

namespace Parley.Integration.Streaming;

/// <summary>The client goes on holding a partition paused when it goes to another member and comes back.</summary>
public sealed class PausedPartitionsTests
{
    private const int Conversations = 60;
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(BrokerKind.Embedded)]
    [InlineData(BrokerKind.Apache)]
    public async Task A_partition_that_was_paused_when_it_went_is_read_when_it_comes_back(BrokerKind kind)
    {
        await using var broker = await TestBroker.StartAsync(kind, _cancellation);
        var handler = new Gated();
        using var stays = Host(broker, handler);
        await stays.StartAsync(_cancellation);
        await PublishAsync(broker);
        await Eventually.True(() => handler.Logged("is paused"), _cancellation, TimeSpan.FromSeconds(30));

        using (var passes = Host(broker, new Gated()))
        {
            await passes.StartAsync(_cancellation);
            await Eventually.True(() => handler.Logged("gave up"), _cancellation, TimeSpan.FromSeconds(30));
            await passes.StopAsync(_cancellation);
        }

        handler.Open();
        await Eventually.Until(() => handler.Handled.Count, n => n == Conversations, _cancellation, TimeSpan.FromSeconds(30));
        await stays.StopAsync(_cancellation);
    }

    private static IHost Host(TestBroker broker, Gated handler)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(broker.Settings!);
        builder.Configuration.AddInMemoryCollection([new("Kafka:SessionTimeout", "00:00:02")]);
        builder.Logging.AddProvider(handler);
        builder.Services.AddMetrics();
        builder.Services.AddSingleton(handler);
        builder.AddStream<Gated>(
            _ => new StreamSettings { Name = "inbound", Topic = Topics.Inbound, Group = "paused", BufferedRecords = 8, DrainTime = TimeSpan.FromMilliseconds(50) }, "inbound");
        return builder.Build();
    }

    private static async Task PublishAsync(TestBroker broker)
    {
        using var producer = new RecordProducer(Options.Create(new KafkaOptions { BootstrapServers = broker.BootstrapServers }), NullLogger<RecordProducer>.Instance);
        var published = await Task.WhenAll(Enumerable.Range(0, Conversations).Select(i => producer.PublishAsync(Topics.Inbound, RecordCodec.Encode(Messages.Text("hello", $"user-{i}"), "/test"))));
        Assert.All(published, p => Assert.True(p.Acknowledged));
    }

    /// <summary>Handles nothing until it is opened. Also keeps what its host logs.</summary>
    private sealed class Gated : ILaneHandler, ILoggerProvider, ILogger
    {
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ConcurrentQueue<string> _log = new();

        public ConcurrentDictionary<string, bool> Handled { get; } = new();

        public void Open() => _open.SetResult();

        public bool Logged(string text) => _log.Any(line => line.Contains(text, StringComparison.Ordinal));

        public async Task<LaneResult> RunAsync(LaneRun run, CancellationToken cancellation)
        {
            await _open.Task.WaitAsync(cancellation);
            Handled[run.Key.ConversationId] = true;
            return LaneResult.Done(run.Records.Count);
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _log.Enqueue(formatter(state, exception));

        public void Dispose() { }
    }
}
