using System.Diagnostics;
using System.Globalization;
using System.Security;
using System.Text;
using Parley.Chaos.Hosts;
using Parley.Chaos.Mutants;
using Parley.Chaos.Report;

namespace Parley.Chaos;

/// <summary>The short runs of <c>./test</c>, told as tests in the XML that the other suites write.</summary>
internal static class Gate
{
    private const string OneBroker = "Parley.Chaos: 20,000 messages and 20 kills on one broker lose, double and reorder nothing";
    private const string ThreeBrokers = "Parley.Chaos: one of three brokers killed every ten seconds loses, doubles and reorders nothing";

    public static async Task<int> RunAsync(string xml, int seed, CancellationToken cancellation)
    {
        var results = new List<Result>();
        await using (var servers = await Servers.StartAsync(1, cancellation))
        {
            results.Add(await RunOneAsync(OneBroker, servers, OneBrokerSettings(seed), cancellation));
            foreach (var mutant in MutantList.Gate)
            {
                var clock = Stopwatch.StartNew();
                var caught = await MutantRuns.CatchAsync(mutant, servers, seed, static _ => { }, cancellation);
                var name = $"Parley.Chaos: mutant {mutant.Name} is caught";
                CommandLine.Say($"{name}: {(caught.By.Count > 0 ? string.Join(", ", caught.By) : "NO")} ({clock.Elapsed.TotalSeconds:F0} s)");
                results.Add(new Result(name, caught.By.Count > 0, "no invariant was broken", clock.Elapsed));
            }
        }

        await using (var servers = await Servers.StartAsync(3, cancellation))
        {
            results.Add(await RunOneAsync(ThreeBrokers, servers, ThreeBrokerSettings(seed), cancellation));
        }

        Write(xml, results);
        return results.TrueForAll(r => r.Passed) ? 0 : 1;
    }

    public static void Skip(string xml, string reason) => File.WriteAllText(xml, Document(
        $"<test name=\"{SecurityElement.Escape(OneBroker)}\" result=\"Skip\"><reason><![CDATA[{reason}]]></reason></test>\n<test name=\"{SecurityElement.Escape(ThreeBrokers)}\" result=\"Skip\"><reason><![CDATA[{reason}]]></reason></test>"));

    private static RunSettings OneBrokerSettings(int seed) => new()
    {
        Seed = seed, Load = TimeSpan.FromMinutes(5), EnoughMessages = 20_000, EnoughKills = 20, Rate = 150, Backlog = 2_000, Faults = FaultMix.Standard, Drain = TimeSpan.FromSeconds(90),
    };

    private static RunSettings ThreeBrokerSettings(int seed) => new()
    {
        Seed = seed, Nodes = 3, Load = TimeSpan.FromSeconds(60), Rate = 60, Ingests = 1, Dispatchers = 1, Faults = FaultMix.Brokers, Drain = TimeSpan.FromSeconds(90),
    };

    private static async Task<Result> RunOneAsync(string name, Servers servers, RunSettings settings, CancellationToken cancellation)
    {
        var report = await new ChaosRun(settings, servers, CommandLine.Say).RunAsync(cancellation);
        foreach (var line in report.Lines()) CommandLine.Say(line);
        var why = string.Join("; ", report.Violations.Select(v => $"{v.Invariant}: {v.What}").Concat(report.Missing.Select(m => $"never met: {m}")).Take(5));
        return new Result(name, report.Verdict == Verdict.Pass, why, report.Took);
    }

    private static void Write(string xml, List<Result> results)
    {
        var text = new StringBuilder();
        foreach (var result in results)
        {
            text.Append(CultureInfo.InvariantCulture, $"<test name=\"{SecurityElement.Escape(result.Name)}\" time=\"{result.Took.TotalSeconds:F3}\" result=\"{(result.Passed ? "Pass" : "Fail")}\">");
            if (!result.Passed) text.Append(CultureInfo.InvariantCulture, $"<failure><message><![CDATA[{result.Why.Replace("]]>", "]] >", StringComparison.Ordinal)}]]></message></failure>");
            text.AppendLine("</test>");
        }

        File.WriteAllText(xml, Document(text.ToString()));
    }

    private static string Document(string tests) => $"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<assemblies><assembly name=\"Parley.Chaos\"><collection>\n{tests}\n</collection></assembly></assemblies>\n";

    private sealed record Result(string Name, bool Passed, string Why, TimeSpan Took);
}
