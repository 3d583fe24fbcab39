using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using TestResult = FsCheck.TestResult;

namespace Parley.Unit.Properties;

/// <summary>
/// What holds for every case. <c>PARLEY_PROPERTY_CASES</c> sets how many cases are tried; a failure shows the smallest case that was found and
/// the value of <c>PARLEY_PROPERTY_REPLAY</c> that begins with it.
/// </summary>
internal static class Property
{
    private const string CasesSetting = "PARLEY_PROPERTY_CASES";
    private const string ReplaySetting = "PARLEY_PROPERTY_REPLAY";

    /// <param name="make">Makes a case of draws.</param>
    /// <param name="holds">Throws when it does not hold.</param>
    /// <param name="cases">Tried when nothing else is set.</param>
    /// <param name="draws">The most that a case is made of.</param>
    public static void ForAll<T>(Func<Draws, T> make, Action<T> holds, int cases, int draws = 60) where T : notnull
    {
        var lists = Gen.Sized(size => Gen.Choose(0, int.MaxValue).Select(seed => Random(seed, draws * (size + 10) / 100)));
        var property = Prop.ForAll(Arb.From(lists.Select(Case), one => Smaller(one.Numbers).Select(Case)), one => holds(one.Made));
        var config = Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(Cases(cases)).WithRunner(new Runner());
        if (Replayed() is { } replay) config = config.WithReplay(replay);
        Check.One(config, property);

        Case<T> Case(int[] numbers) => new(numbers, make(new Draws(numbers)));
    }

    private static int Cases(int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(CasesSetting), CultureInfo.InvariantCulture, out var cases) ? cases : otherwise;

    private static Replay? Replayed()
    {
        if (Environment.GetEnvironmentVariable(ReplaySetting) is not { Length: > 0 } text) return null;
        var parts = text.Split(',');
        return new Replay(
            new Rnd(ulong.Parse(parts[0], CultureInfo.InvariantCulture), ulong.Parse(parts[1], CultureInfo.InvariantCulture)),
            int.Parse(parts[2], CultureInfo.InvariantCulture));
    }

    private static int[] Random(int seed, int most)
    {
        var random = new Random(seed);
        var numbers = new int[random.Next(most + 1)];
        for (var i = 0; i < numbers.Length; i++) numbers[i] = random.Next();
        return numbers;
    }

    /// <summary>First without ever smaller pieces, then with smaller numbers.</summary>
    private static IEnumerable<int[]> Smaller(int[] numbers)
    {
        for (var size = numbers.Length; size > 0; size /= 2)
        {
            for (var from = 0; from + size <= numbers.Length; from += size) yield return [.. numbers[..from], .. numbers[(from + size)..]];
        }

        for (var i = 0; i < numbers.Length; i++)
        {
            // Of a large number only the remainder counts; which one is not known here, so small ones are tried in turn.
            for (var less = 0; less < Math.Min(numbers[i], 24); less++) yield return [.. numbers[..i], less, .. numbers[(i + 1)..]];
        }
    }

    private sealed record Case<T>(int[] Numbers, T Made)
    {
        public override string ToString() => Made?.ToString() ?? "";
    }

    private sealed class Runner : IRunner
    {
        public void OnStartFixture(Type fixture) { }

        public void OnArguments(
            int test, Microsoft.FSharp.Collections.FSharpList<object> arguments,
            Microsoft.FSharp.Core.FSharpFunc<int, Microsoft.FSharp.Core.FSharpFunc<Microsoft.FSharp.Collections.FSharpList<object>, string>> every) { }

        public void OnShrink(
            Microsoft.FSharp.Collections.FSharpList<object> arguments,
            Microsoft.FSharp.Core.FSharpFunc<Microsoft.FSharp.Collections.FSharpList<object>, string> everyShrink) { }

        public void OnFinished(string name, TestResult result)
        {
            if (result is TestResult.Passed) return;
            if (result is not TestResult.Failed failed) throw new Xunit.Sdk.XunitException($"The property was not decided: {result}");

            var problem = failed.Item4 is Outcome.Failed { Item: var thrown } ? thrown : null;
            Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"""
                Case {failed.Item1.NumberOfTests}, shrunk {failed.Item1.NumberOfShrinks} times: {string.Join(", ", failed.Item3)}
                {problem?.Message}
                {ReplaySetting}={failed.Item6.Seed},{failed.Item6.Gamma},{failed.Item7}
                {problem?.StackTrace}
                """));
        }
    }
}
