using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Common.Stores.Postgres;
using Parley.Common.Stores.Sql;
using Parley.Common.Stores.Sqlite;

namespace Parley.Common.Stores;

public static class StoreExtensions
{
    /// <summary>The store of section <c>Store</c>, the group committer, and a health check <c>store</c>. Adding it twice is adding it once.</summary>
    public static IHostApplicationBuilder AddStore(this IHostApplicationBuilder builder)
    {
        if (builder.Services.Any(s => s.ServiceType == typeof(IConversationStore))) return builder;

        builder.Services.AddOptions<StoreOptions>().BindConfiguration("Store").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<StoreOptions>, StoreOptionsValidator>();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IConversationStore>(services => Open(
            services.GetRequiredService<IOptions<StoreOptions>>().Value,
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILoggerFactory>()));
        builder.Services.AddSingleton<StoreMetrics>();
        builder.Services.AddSingleton<GroupCommitter>();
        builder.Services.AddHostedService<StoreSetup>();
        builder.Services.AddHealthChecks().AddCheck<StoreHealth>("store", tags: ["ready"], timeout: TimeSpan.FromSeconds(3));
        return builder;
    }

    internal static SqlStore Open(StoreOptions options, TimeProvider time, ILoggerFactory logs) => new(
        options.Kind == StoreOptions.PostgreSql
            ? new PostgresDatabase(PostgresAddress.Parse(options.ConnectionString), options.Groups, logs.CreateLogger("Parley.Stores.Postgres"))
            : new SqliteDatabase(SqliteAddress.Parse(options.ConnectionString)),
        time);
}
