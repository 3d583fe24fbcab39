using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Parley.Common;
using Parley.Common.Records;
using Parley.Dispatcher;
using Parley.Ingest;
using Parley.Processor;
using Parley.Standalone.Broker;
using Parley.Standalone.DemoEngine;
using Parley.Standalone.Simulator;

namespace Parley.Standalone.Serving;

/// <summary>All of Parley in this process: Ingest, Processor and Dispatcher, on the embedded parts wherever no server is configured.</summary>
public sealed class StandaloneHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DataFolder _data;
    private readonly EmbeddedBroker? _broker;

    private StandaloneHost(WebApplication app, DataFolder data, EmbeddedBroker? broker, Uri url) => (_app, _data, _broker, Url) = (app, data, broker, url);

    /// <summary>Where it listens, on this machine.</summary>
    public Uri Url { get; }

    /// <summary>The Kafka brokers in use, embedded or not.</summary>
    public string BootstrapServers => _app.Configuration["Kafka:BootstrapServers"]!;

    public bool IsBrokerEmbedded => _broker is not null;

    public IServiceProvider Services => _app.Services;

    /// <summary>Starts, and comes back when messages can be sent: HTTP listens, the consumers have joined, everything that is needed is healthy.</summary>
    /// <exception cref="CannotStartException">A port, a folder or a setting is wrong.</exception>
    public static async Task<StandaloneHost> StartAsync(ServeOptions options, CancellationToken cancellation)
    {
        var settings = StandaloneSettings.Parse(options.Settings);
        var data = DataFolder.Open(options.Data);
        EmbeddedBroker? broker = null;
        WebApplication? app = null;
        Socket? socket = null;
        try
        {
            socket = ListenSocket.Bind(options.Host, options.Port);
            var url = UrlOf(socket);
            var builder = CreateBuilder(options, settings, socket);
            broker = StandaloneSettings.Complete(builder.Configuration, data, url);

            AddHosts(builder, broker);
            app = builder.Build();
            MapHosts(app, url, broker is not null);

            // Here and not in the host's own start: a host whose start failed so early cannot be stopped.
            app.Services.GetService<IStartupValidator>()?.Validate();
            await app.StartAsync(cancellation);
            await Readiness.WaitAsync(app, cancellation);
            return new StandaloneHost(app, data, broker, url);
        }
        catch (Exception e)
        {
            if (app is not null) await StopAsync(app);
            socket?.Dispose();
            broker?.Dispose();
            data.Dispose();
            if (e is CannotStartException or OperationCanceledException) throw;
            throw new CannotStartException(StartProblem.Describe(e), e);
        }
    }

    /// <summary>Comes back when the process was told to stop and has stopped. False when a part failed and took the rest along.</summary>
    public async Task<bool> RunAsync(CancellationToken cancellation)
    {
        await _app.WaitForShutdownAsync(cancellation);
        return !_app.Services.GetServices<IHostedService>().OfType<BackgroundService>().Any(service => service.ExecuteTask is { IsFaulted: true });
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(_app);

        // Last: the hosts give their partitions back while they stop.
        _broker?.Dispose();
        _data.Dispose();
    }

    private static async Task StopAsync(WebApplication app)
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private static WebApplicationBuilder CreateBuilder(ServeOptions options, Dictionary<string, string?> settings, Socket socket)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory,
            Args = ["--hostBuilder:reloadConfigOnChange=false"],
        });
        builder.Configuration.Sources.Add(new MemoryConfigurationSource { InitialData = settings });

        // What a container image says about ports does not count: --port does.
        builder.WebHost.UseSetting(WebHostDefaults.HttpPortsKey, "").UseSetting(WebHostDefaults.ServerUrlsKey, "");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen((IPEndPoint)socket.LocalEndPoint!));
        builder.WebHost.UseSockets(transport => transport.CreateBoundListenSocket = _ => socket);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(15));
        builder.Logging.ClearProviders().SetMinimumLevel(options.Verbose ? LogLevel.Information : LogLevel.Warning).AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
        });

        // Why a start failed is said once, in a line of ours.
        if (!options.Verbose) builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None).AddFilter("Microsoft.Extensions.Hosting", LogLevel.None)
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);

        // The output is for the banner and for scripts.
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        return builder;
    }

    private static void AddHosts(WebApplicationBuilder builder, EmbeddedBroker? broker)
    {
        builder.AddDemoEngine();
        if (broker is not null) builder.AddBacklogWatch();
        builder.AddParley();
        builder.AddIngest();
        builder.AddProcessor();
        builder.AddDispatcher();
        builder.AddSimulator();

        // Added last, so stopped first, right after HTTP.
        if (broker is not null) builder.AddBacklogDrain();
    }

    private static void MapHosts(WebApplication app, Uri url, bool embedded)
    {
        app.MapSimulator(url);
        app.MapLocal(embedded);
        app.MapIngest();
    }

    private static Uri UrlOf(Socket socket)
    {
        var endpoint = (IPEndPoint)socket.LocalEndPoint!;
        var host = IPAddress.Any.Equals(endpoint.Address) || IPAddress.IPv6Any.Equals(endpoint.Address) ? IPAddress.Loopback : endpoint.Address;
        return new Uri(string.Create(CultureInfo.InvariantCulture, $"http://{new IPEndPoint(host, endpoint.Port)}"));
    }
}
