using Microsoft.Extensions.DependencyInjection.Extensions;
using Parley.Processor.Engine;

namespace Parley.Standalone.DemoEngine;

internal static class DemoEngineExtensions
{
    /// <summary>Lets the engine address <c>demo</c> mean the assistant in this process; any other is a gRPC server's.</summary>
    public static IHostApplicationBuilder AddDemoEngine(this IHostApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<EngineFactory>(services =>
            address => address == InProcessEngine.Address ? new InProcessEngine(services.GetRequiredService<TimeProvider>()) : new GrpcEngine(address));
        return builder;
    }
}
