using Parley.Unit.Properties;

namespace Parley.Unit.SmallScope;

/// <summary>
/// All interleavings of a few messages, two owners and a few faults over the real machines; and long random walks over more of them.
/// <c>PARLEY_SMALL_SCOPE=long</c> explores larger scopes, some minutes of work.
/// </summary>
public sealed class SmallScopeTests
{
    private const int Most = 2_000_000;

    private static readonly Dictionary<string, Scope> Quick = new()
    {
        ["one message from topic to channel, two faults"] = new Scope([0], 2),
        ["two messages of a conversation from topic to channel, one fault"] = new Scope([0, 0], 1),
        ["two messages of a conversation are answered, two faults"] = new Scope([0, 0], 2) { Part = Part.Answering },
        ["three messages are answered in turns of two, one fault"] = new Scope([0, 0, 0], 1) { Part = Part.Answering, PerRun = 2 },
        ["two messages of two conversations are answered, one fault"] = new Scope([0, 1], 1) { Part = Part.Answering },
        ["three replies of a conversation are sent, one fault"] = new Scope([0, 0, 0], 1) { Part = Part.Sending },
        ["two replies of a conversation are sent, two faults"] = new Scope([0, 0], 2) { Part = Part.Sending },
    };

    private static readonly Dictionary<string, Scope> Long = new()
    {
        ["two messages of a conversation from topic to channel, two faults"] = new Scope([0, 0], 2),
        ["three messages of a conversation from topic to channel, one fault"] = new Scope([0, 0, 0], 1),
        ["three messages of a conversation are answered, two faults"] = new Scope([0, 0, 0], 2) { Part = Part.Answering },
        ["three messages are answered in turns of two, two faults"] = new Scope([0, 0, 0], 2) { Part = Part.Answering, PerRun = 2 },
        ["three messages of two conversations are answered, one fault"] = new Scope([0, 1, 0], 1) { Part = Part.Answering },
        ["three replies of a conversation are sent, two faults"] = new Scope([0, 0, 0], 2) { Part = Part.Sending },
        ["two replies of two conversations are sent, two faults"] = new Scope([0, 1], 2) { Part = Part.Sending },
    };

    private static Dictionary<string, Scope> All => Environment.GetEnvironmentVariable("PARLEY_SMALL_SCOPE") == "long" ? new(Quick.Concat(Long)) : Quick;

    public static TheoryData<string> Scopes => [.. All.Keys];

    [Theory, MemberData(nameof(Scopes))]
    public void Nothing_breaks_in_any_order_of_events(string name)
    {
        var explorer = new Explorer(All[name], Most);

        var violation = explorer.Run(TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper?.WriteLine($"{explorer.States:N0} states, {explorer.Steps:N0} steps, {explorer.Ends:N0} of the states are ends, {explorer.Time.TotalSeconds:F1} s");
        Assert.True(violation is null, $"{name}: {violation}");
        Assert.True(explorer.Ends > 0, "it never ends");
    }

    /// <summary>A search that finds nothing proves something only if it finds what is there.</summary>
    [Theory]
    [InlineData(Broken.StoreComparesNothing, Part.Answering, "answered twice")]
    [InlineData(Broken.OffsetBeforeCommit, Part.Answering, "is not finished")]
    [InlineData(Broken.LedgerComparesNothing, Part.Sending, "sent twice")]
    internal void A_broken_rule_is_found_with_the_shortest_path_to_it(Broken broken, Part part, string expected)
    {
        var explorer = new Explorer(new Scope([0], 2) { Part = part, Broken = broken }, Most);

        var violation = explorer.Run(TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper?.WriteLine(violation ?? "nothing");
        Assert.NotNull(violation);
        Assert.Contains(expected, violation, StringComparison.Ordinal);
        Assert.Null(new Explorer(new Scope([0], 2) { Part = part }, Most).Run(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Each_message_is_answered_once_and_each_reply_sent_once_on_any_long_walk() => Property.ForAll(
        d => new Walk(new Scope([.. Enumerable.Range(0, d.From(1, 5)).Select(_ => d.Below(2))], d.Below(6)) { PerRun = d.From(1, 3) }, d),
        walk => walk.Go(), cases: 150, draws: 120);

    private sealed class Walk(Scope scope, Draws draws)
    {
        private readonly List<string> _steps = [];

        public override string ToString() => $"messages of conversations {string.Join(' ', scope.Messages)}, {scope.PerRun} a turn:\n{string.Join('\n', _steps)}";

        public void Go()
        {
            var world = new SmallWorld(scope);
            for (var limit = 0; limit < 500; limit++)
            {
                var steps = world.Steps();
                if (!draws.AreLeft) steps.RemoveAll(s => s.Kind != StepKind.Free);
                if (!steps.Exists(s => s.Kind == StepKind.Free))
                {
                    world.CheckEnd();
                    return;
                }

                var step = steps[draws.Below(steps.Count)];
                _steps.Add(step.Name);
                world = world.After(step);
            }

            Assert.Fail("it never ends");
        }
    }
}
