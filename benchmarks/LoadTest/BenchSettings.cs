using System.Globalization;
using Parley.LoadTest.Arms;

namespace Parley.LoadTest;

/// <summary>The command line: scenarios, and what is to differ from their own terms.</summary>
internal sealed record BenchSettings
{
    public const string Usage = """
        usage: loadtest [SCENARIO]... [OPTION]...
          --list                 the scenarios and what each measures
          --broker apache|embedded   a real Kafka (KAFKA_HOME) or librdkafka's in memory (default: apache)
          --rounds N             rounds of a comparison, A B C A B C (default: 1; with --long 5)
          --long                 more records and rounds
          --no-awake             let idle processors sleep (default: kept awake, so that a virtual machine's host does not have to be asked for them)
          --arm NAME=COMMAND     a further arm: another program, told by BOOTSTRAP, TOPIC, REPLIES, GROUP, CONCURRENCY, LATENCY_MS, RECORDS
          --arms A,B             only these arms
          --out DIR              results (default: benchmarks/results/<date>-<commit>)
          --json FILE            the measures as an array of {measure, value, goal, holds}
          --records N --partitions N --conversations N --zipf S --bytes N --tenants N --latency MS --permits N --consumers N
          --store none|sqlite|postgresql   --engine park|grpc   --rate N   --seconds N
        """;

    public IReadOnlyList<string> Scenarios { get; init; } = [];
    public bool List { get; init; }
    public bool Embedded { get; init; }
    public bool Long { get; init; }
    public bool KeepAwake { get; init; } = true;
    public int? RoundsWanted { get; init; }
    public IReadOnlyList<OutsideArm> OutsideArms { get; init; } = [];
    public IReadOnlyList<string>? OnlyArms { get; init; }
    public string? OutFolder { get; init; }
    public string? JsonFile { get; init; }
    public double? Rate { get; init; }
    public double? Seconds { get; init; }

    /// <summary>Puts the options of the command line into a scenario's load.</summary>
    public Func<Load, Load> Override { get; init; } = static load => load;

    public int Rounds => RoundsWanted ?? (Long ? 5 : 1);

    public static BenchSettings Parse(IReadOnlyList<string> arguments)
    {
        var settings = new BenchSettings();
        for (var i = 0; i < arguments.Count; i++)
        {
            var name = arguments[i];
            if (!name.StartsWith("--", StringComparison.Ordinal))
            {
                settings = settings with { Scenarios = [.. settings.Scenarios, name] };
                continue;
            }

            settings = name switch
            {
                "--list" => settings with { List = true },
                "--no-awake" => settings with { KeepAwake = false },
                "--long" => settings with { Long = true },
                _ when i + 1 < arguments.Count => settings.With(name, arguments[++i]),
                _ => throw new BenchException($"{name} wants a value, or is not known\n{Usage}"),
            };
        }

        return settings;
    }

    private BenchSettings With(string name, string value) => name switch
    {
        "--broker" => this with { Embedded = OneOf(name, value, "apache", "embedded") == "embedded" },
        "--rounds" => this with { RoundsWanted = Number(name, value) },
        "--arm" => this with { OutsideArms = [.. OutsideArms, OutsideArm.Parse(value)] },
        "--arms" => this with { OnlyArms = value.Split(',') },
        "--out" => this with { OutFolder = value },
        "--json" => this with { JsonFile = value },
        "--rate" => this with { Rate = Real(name, value) },
        "--seconds" => this with { Seconds = Real(name, value) },
        _ => this with { Override = Then(Override, Change(name, value)) },
    };

    private static Func<Load, Load> Change(string name, string value)
    {
        switch (name)
        {
            case "--zipf": var zipf = Real(name, value); return load => load with { Zipf = zipf };
            case "--latency": var latency = Real(name, value); return load => load with { LatencyMs = latency };
            case "--store": OneOf(name, value, "none", "sqlite", "postgresql"); return load => load with { Store = value };
            case "--engine": OneOf(name, value, "park", "grpc"); return load => load with { Engine = value };
        }

        var number = Number(name, value);
        return name switch
        {
            "--records" => load => load with { Records = number },
            "--partitions" => load => load with { Partitions = number },
            "--conversations" => load => load with { Conversations = number },
            "--bytes" => load => load with { MessageBytes = number },
            "--tenants" => load => load with { Tenants = number },
            "--permits" => load => load with { Permits = number },
            "--consumers" => load => load with { Consumers = number },
            _ => throw new BenchException($"{name} is not known\n{Usage}"),
        };
    }

    private static Func<Load, Load> Then(Func<Load, Load> first, Func<Load, Load> second) => load => second(first(load));

    private static int Number(string name, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number : throw new BenchException($"{name} wants a whole number above 0, not '{value}'");

    private static double Real(string name, string value) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= 0
            ? number : throw new BenchException($"{name} wants a number of 0 or more, not '{value}'");

    private static string OneOf(string name, string value, params string[] allowed) =>
        allowed.Contains(value) ? value : throw new BenchException($"{name} is one of {string.Join(", ", allowed)}, not '{value}'");
}
