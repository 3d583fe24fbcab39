using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Parley.Common.Backplane;

public static class BackplaneExtensions
{
    /// <summary>The backplane of section <c>Redis</c>, in this process when no address is set, with its health check. Adding it twice is adding it once.</summary>
    public static IHostApplicationBuilder AddBackplane(this IHostApplicationBuilder builder)
    {
        if (builder.Services.Any(s => s.ServiceType == typeof(IBackplane))) return builder;

        builder.Services.AddOptions<BackplaneOptions>().BindConfiguration("Redis").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<InProcessBackplane>();
        builder.Services.AddSingleton<IBackplane>(Choose);
        builder.Services.AddHealthChecks().AddCheck<BackplaneHealthCheck>("backplane", HealthStatus.Degraded, ["degraded"]);
        return builder;
    }

    private static IBackplane Choose(IServiceProvider services)
    {
        var local = services.GetRequiredService<InProcessBackplane>();
        var options = services.GetRequiredService<IOptions<BackplaneOptions>>().Value;
        return options.Address.Length == 0 ? local : new RedisBackplane(
            options, local, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<RedisBackplane>>());
    }
}
