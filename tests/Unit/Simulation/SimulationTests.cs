using System.Globalization;

namespace Parley.Unit.Simulation;

/// <summary>
/// Many worlds, each from its own seed. <c>PARLEY_SIM_SEEDS</c> sets how many (default 2,000), <c>PARLEY_SIM_FIRST</c> where they begin: a
/// failure names its seed, and that one world runs again the same.
/// </summary>
public sealed class SimulationTests
{
    [Fact]
    public void Nothing_is_lost_nothing_happens_twice_and_order_is_kept_in_any_world()
    {
        var seeds = Setting("PARLEY_SIM_SEEDS", 2_000);
        var first = Setting("PARLEY_SIM_FIRST", 1);
        var seen = new Dictionary<string, int>();
        var failures = new List<string>();

        Parallel.For(first, first + seeds, seed =>
        {
            try
            {
                var world = SimRunner.Run(seed);
                lock (seen)
                {
                    foreach (var (what, count) in world.Seen) seen[what] = seen.GetValueOrDefault(what) + count;
                }
            }
            catch (SimViolationException e)
            {
                lock (failures) failures.Add(e.Message);
            }
        });

        Assert.True(failures.Count == 0, $"{failures.Count} of {seeds} worlds:\n{string.Join('\n', failures.Order().Take(10))}");

        // A fault that never struck proves nothing.
        string[] mustHaveSeen =
        [
            "inbound crash", "outbound crash", "inbound pause", "outbound pause", "lost", "commit conflict", "commit executed, answer lost", "commit failed",
            "publish not acknowledged", "zombie in the engine", "channel took it and dropped the answer", "channel took it after the dispatcher had given up", "a status settled a send in doubt", "ledger lost", "several messages in one turn",
            "killed by a message", "three deaths of one message", "ran alone", "waited to run alone", "parked", "parked again", "released", "skipped", "skipped by a command",
            "strike: engine away", "attempt not written", "attempt written, answer lost", "dead letter not acknowledged", "withdrawal failed",
            "replies followed", "waited for what followed", "gave up what followed",
        ];
        Assert.All(mustHaveSeen, what => Assert.True(seen.ContainsKey(what), $"'{what}' never happened in {seeds} worlds: {string.Join(", ", seen.Keys.Order())}"));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', seen.OrderBy(s => s.Key).Select(s => $"{s.Key}: {s.Value}")));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(77)]
    [InlineData(777)]
    public void The_same_seed_gives_the_same_run(int seed) => Assert.Equal(SimRunner.Run(seed).Trace, SimRunner.Run(seed).Trace);

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
