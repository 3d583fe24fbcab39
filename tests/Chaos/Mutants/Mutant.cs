using Microsoft.Extensions.Hosting;
using Parley.Chaos.Hosts;

namespace Parley.Chaos.Mutants;

/// <summary>One part broken on purpose, to see whether the checker notices. Switches of the test host: nothing of it is in the product.</summary>
/// <param name="What">The mistake, in words.</param>
/// <param name="In">The program that has it.</param>
/// <param name="Break">Applied to the program's services after everything is registered.</param>
/// <param name="Settings">Settings that are the mistake, by the names of environment variables.</param>
/// <param name="Aim">The faults that bring it to light.</param>
internal sealed record Mutant(string Name, string What, Role In, Action<IHostApplicationBuilder>? Break, IReadOnlyDictionary<string, string>? Settings, FaultMix Aim)
{
    /// <summary>Whether the last run's traffic must be of some other shape.</summary>
    public Func<RunSettings, RunSettings> Shape { get; init; } = static s => s;
}
