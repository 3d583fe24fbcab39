using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Parley.Common.Backplane;
using Parley.Common.Kafka;
using Parley.Common.Stores;
using Parley.Common.Tenants;

namespace Parley.Common;

public static class ParleyExtensions
{
    /// <summary>What every host needs: settings, tenants, Kafka, the store and the backplane.</summary>
    /// <remarks>
    /// Besides the settings' own names, the usual short environment variables work: KAFKA_BOOTSTRAP_SERVERS, POSTGRES, MONGODB, REDIS,
    /// ENGINE_ADDRESS, and TENANTS_FILE, a JSON file with the section <c>Tenants</c>.
    /// </remarks>
    public static IHostApplicationBuilder AddParley(this IHostApplicationBuilder builder)
    {
        if (builder.Services.Any(s => s.ServiceType == typeof(TenantDirectory))) return builder;

        builder.Configuration.AddInMemoryCollection(ShortNames(builder.Configuration));
        if (builder.Configuration["TENANTS_FILE"] is { Length: > 0 } file)
        {
            builder.Configuration.AddJsonFile(Path.GetFullPath(file), optional: false);
        }

        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(services => TenantDirectory.Read(services.GetRequiredService<IConfiguration>()));
        builder.AddKafka();
        builder.AddStore();
        builder.AddBackplane();
        return builder;
    }

    private static Dictionary<string, string?> ShortNames(IConfiguration configuration)
    {
        var settings = new Dictionary<string, string?>();
        Map("KAFKA_BOOTSTRAP_SERVERS", "Kafka:BootstrapServers");
        Map("REDIS", "Redis:Address");
        Map("ENGINE_ADDRESS", "Engine:Address");
        if (Map("POSTGRES", "Store:ConnectionString")) settings["Store:Kind"] = "postgresql";
        if (Map("MONGODB", "Store:ConnectionString")) settings["Store:Kind"] = "mongodb";
        return settings;

        bool Map(string variable, string setting)
        {
            if (configuration[variable] is not { Length: > 0 } value) return false;
            settings[setting] = value;
            return true;
        }
    }
}
