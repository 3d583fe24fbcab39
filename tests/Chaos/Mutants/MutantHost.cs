using Microsoft.AspNetCore.Builder;
using Parley.Chaos.Hosts;
using Parley.Common.Telemetry;
using Parley.Dispatcher;
using Parley.Ingest;
using Parley.Processor;

namespace Parley.Chaos.Mutants;

/// <summary>Ingest, worker or dispatcher from the very same registrations as the programs, with one part broken if the mutant is in this one.</summary>
internal static class MutantHost
{
    public static async Task<int> RunAsync(Role role, string name)
    {
        var mutant = MutantList.Find(name);
        if (mutant.In == role)
        {
            foreach (var (setting, value) in mutant.Settings ?? new Dictionary<string, string>()) Environment.SetEnvironmentVariable(setting, value);
        }

        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        switch (role)
        {
            case Role.Ingest: builder.AddIngest(); break;
            case Role.Worker: builder.AddProcessor(); break;
            default: builder.AddDispatcher(); break;
        }

        if (mutant.In == role) mutant.Break?.Invoke(builder);
        var app = builder.Build();
        if (role == Role.Ingest) app.MapIngest();
        else app.MapProbes();
        await app.RunAsync();
        return 0;
    }
}
