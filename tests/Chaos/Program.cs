using Parley.Chaos;
using Parley.Chaos.Hosts;
using Parley.Chaos.Mutants;

return args switch
{
    ["host", var role, var mutant] => await MutantHost.RunAsync(Enum.Parse<Role>(role), mutant),
    _ => await CommandLine.RunAsync(args),
};
