using System.Globalization;
using Parley.Chaos.Hosts;
using Parley.Chaos.Mutants;
using Parley.Chaos.Report;

namespace Parley.Chaos;

/// <summary>The program's arguments: <c>--minutes M</c>, <c>--mutant NAME|all</c>, or <c>--gate FILE</c> for the short runs of <c>./test</c>.</summary>
internal static class CommandLine
{
    /// <summary>Minutes from which on a run takes the denser mix of faults.</summary>
    private const double LongRun = 10;

    private const string Usage =
        "usage: --minutes M | --mutant NAME|all | --gate FILE  [--nodes 1|3] [--seed S] [--rate MESSAGES_PER_SECOND] [--protocol classic|consumer] [--out FOLDER]";

    public static async Task<int> RunAsync(string[] args)
    {
        Dictionary<string, string> options = [];
        for (var i = 0; i + 1 < args.Length; i += 2) options[args[i]] = args[i + 1];
        if (args.Length == 0 || args.Length % 2 != 0)
        {
            await Console.Error.WriteLineAsync(Usage);
            return 2;
        }

        if (Servers.Missing is { } reason)
        {
            Say($"no chaos run here: {reason}");
            if (options.TryGetValue("--gate", out var xml)) Gate.Skip(xml, reason);
            return options.ContainsKey("--gate") ? 0 : 3;
        }

        using var ending = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            ending.Cancel();
        };
        var seed = int.Parse(options.GetValueOrDefault("--seed", "1"), CultureInfo.InvariantCulture);
        if (options.TryGetValue("--gate", out var file)) return await Gate.RunAsync(file, seed, ending.Token);
        if (options.TryGetValue("--mutant", out var mutant)) return await MutantRuns.RunAsync(mutant, seed, options.GetValueOrDefault("--out"), Say, ending.Token);

        var nodes = int.Parse(options.GetValueOrDefault("--nodes", "1"), CultureInfo.InvariantCulture);
        var minutes = double.Parse(options["--minutes"], CultureInfo.InvariantCulture);
        var settings = new RunSettings
        {
            Seed = seed,
            Nodes = nodes,
            Load = TimeSpan.FromMinutes(minutes),
            Rate = double.Parse(options.GetValueOrDefault("--rate", nodes == 1 ? "120" : "80"), CultureInfo.InvariantCulture),
            GroupProtocol = options.GetValueOrDefault("--protocol", "classic"),
            Faults = nodes > 1 ? FaultMix.Brokers : minutes < LongRun ? FaultMix.Standard : FaultMix.Dense,
            Drain = TimeSpan.FromSeconds(nodes == 1 ? 60 : 90),
            Out = options.GetValueOrDefault("--out"),
        };
        await using var servers = await Servers.StartAsync(nodes, ending.Token);
        var report = await new ChaosRun(settings, servers, Say).RunAsync(ending.Token);
        foreach (var line in report.Lines()) Say(line);
        return report.Verdict switch { Verdict.Pass => 0, Verdict.Fail => 1, _ => 4 };
    }

    public static void Say(string line) => Console.WriteLine(line);
}
