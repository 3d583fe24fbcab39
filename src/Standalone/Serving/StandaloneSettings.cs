using System.Collections.Frozen;
using System.Globalization;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;
using Parley.Common.Records;
using Parley.Standalone.Broker;
using Parley.Standalone.DemoEngine;
using Parley.Standalone.Simulator;

namespace Parley.Standalone.Serving;

/// <summary>The settings that stand in where nobody set anything: the embedded broker, the database in the data folder, the demo engine, the demo tenant.</summary>
internal static class StandaloneSettings
{
    private const int EmbeddedPartitions = 12;

    private static readonly FrozenSet<string> Sections = new[]
    {
        "Kafka", "Store", "Redis", "Engine", "Ingest", "Processor", "Dispatcher", "Tenants", "Simulator", "Logging",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads <c>--Section:Key=value</c> options.</summary>
    /// <exception cref="CannotStartException">One has another form or names no section.</exception>
    public static Dictionary<string, string?> Parse(IReadOnlyList<string> settings)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var setting in settings)
        {
            var equals = setting.IndexOf('=', StringComparison.Ordinal);
            var colon = setting.IndexOf(':', StringComparison.Ordinal);
            if (!setting.StartsWith("--", StringComparison.Ordinal) || colon < 3 || equals < colon)
            {
                throw new CannotStartException($"'{setting}' is not an option; see parley serve --help. Settings have the form --Section:Key=value");
            }

            var section = setting[2..colon];
            if (!Sections.Contains(section))
            {
                throw new CannotStartException($"'{setting}': there is no section '{section}'; the sections are {string.Join(", ", Sections.Order(StringComparer.Ordinal))}");
            }

            values[setting[2..equals]] = setting[(equals + 1)..];
        }

        return values;
    }

    /// <summary>Fills in what is missing, with the lowest precedence, and starts the broker if that is missing too.</summary>
    public static EmbeddedBroker? Complete(ConfigurationManager configuration, DataFolder data, Uri url)
    {
        var defaults = new Dictionary<string, string?> { ["Engine:Address"] = InProcessEngine.Address };
        if (!IsSet(configuration, "Store:Kind") || string.Equals(configuration["Store:Kind"], "sqlite", StringComparison.OrdinalIgnoreCase))
        {
            defaults["Store:ConnectionString"] = $"Data Source={data.Database}";
        }

        var broker = IsSet(configuration, "Kafka:BootstrapServers", "KAFKA_BOOTSTRAP_SERVERS") ? null : EmbeddedBroker.Start(EmbeddedPartitions, Topics.All);
        if (broker is not null)
        {
            defaults["Kafka:BootstrapServers"] = broker.BootstrapServers;
            defaults["Kafka:CreateTopics"] = "false";
            defaults["Kafka:Partitions"] = EmbeddedPartitions.ToString(CultureInfo.InvariantCulture);
            foreach (var (name, value) in EmbeddedBroker.ClientSettings) defaults[$"Kafka:Client:{name}"] = value;
        }

        configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = defaults });
        if (!configuration.GetSection("Tenants").GetChildren().Any() && !IsSet(configuration, "TENANTS_FILE")) AddDemoTenant(configuration, data, url);
        return broker;
    }

    private static void AddDemoTenant(ConfigurationManager configuration, DataFolder data, Uri url)
    {
        DemoTenant.Ensure(data.DemoTenant);
        var file = new JsonConfigurationSource { Path = data.DemoTenant, Optional = false };
        file.ResolveFileProvider();
        configuration.Sources.Insert(0, file);

        var accounts = configuration.GetSection("Tenants:0:Accounts").GetChildren().ToList();
        var whatsApp = accounts.Find(account => account["Channel"] == "whatsapp" && account["ApiBase"] is null);
        if (whatsApp is null) return;
        configuration.Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = new Dictionary<string, string?> { [$"{whatsApp.Path}:ApiBase"] = new Uri(url, SimulatorExtensions.ApiPath).AbsoluteUri },
        });
    }

    private static bool IsSet(ConfigurationManager configuration, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (configuration[name] is { Length: > 0 }) return true;
        }

        return false;
    }
}
