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

/// <summary>A host with one consumer of the inbound topic and a handler of the test's, and what it logs.</summary>
internal sealed class StreamHost : ILoggerProvider, ILogger
{
    public const string Group = "streaming-tests";
    private readonly ConcurrentQueue<string> _log = new();
    private readonly IHost _host;

    private StreamHost(TestBroker broker, Handler handler, StreamSettings settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(broker.Settings!);
        builder.Configuration.AddInMemoryCollection([new("Kafka:SessionTimeout", "00:00:02")]);
        builder.Logging.AddProvider(this);
        builder.Services.AddMetrics();
        builder.Services.AddSingleton(handler);
        builder.AddStream<Handler>(_ => settings, settings.Name);
        _host = builder.Build();
    }

    public static StreamSettings Settings { get; } = new() { Name = "inbound", Topic = Topics.Inbound, Group = Group, DrainTime = TimeSpan.FromMilliseconds(50) };

    public static async Task<StreamHost> StartAsync(
        TestBroker broker, StreamSettings settings, Func<LaneRun, CancellationToken, Task<LaneResult>> handle, CancellationToken cancellation)
    {
        var host = new StreamHost(broker, new Handler(handle), settings);
        await host._host.StartAsync(cancellation);
        return host;
    }

    public static async Task PublishAsync(TestBroker broker, IEnumerable<InboundMessage> messages)
    {
        using var producer = new RecordProducer(Options.Create(new KafkaOptions { BootstrapServers = broker.BootstrapServers }), NullLogger<RecordProducer>.Instance);
        var published = await Task.WhenAll(messages.Select(m => producer.PublishAsync(Topics.Inbound, RecordCodec.Encode(m, "/test"))).ToList());
        Assert.All(published, p => Assert.True(p.Acknowledged, p.Error));
    }

    public bool Logged(string text) => _log.Any(line => line.Contains(text, StringComparison.Ordinal));

    public async Task StopAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }

    ILogger ILoggerProvider.CreateLogger(string categoryName) => this;

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _log.Enqueue(formatter(state, exception));

    void IDisposable.Dispose() { }

    private sealed class Handler(Func<LaneRun, CancellationToken, Task<LaneResult>> handle) : ILaneHandler
    {
        public Task<LaneResult> RunAsync(LaneRun run, CancellationToken cancellation) => handle(run, cancellation);
    }
}
