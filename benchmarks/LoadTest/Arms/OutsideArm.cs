namespace Parley.LoadTest.Arms;

/// <summary>
/// An arm that is another program: it reads TOPIC, writes a reply with the record's key and value to REPLIES, and is told the terms by
/// BOOTSTRAP, GROUP, CONCURRENCY, LATENCY_MS, RECORDS and PARTITIONS.
/// </summary>
/// <param name="Command">Run by <c>bash -c</c>.</param>
internal sealed record OutsideArm(string Name, string Command)
{
    /// <summary>Reads <c>NAME=COMMAND</c>.</summary>
    public static OutsideArm Parse(string text) => text.IndexOf('=', StringComparison.Ordinal) is var at and > 0
        ? new OutsideArm(text[..at], text[(at + 1)..])
        : throw new BenchException($"--arm wants NAME=COMMAND, not '{text}'");

    /// <summary>The peer's driver, when it is here; otherwise why not.</summary>
    public static OutsideArm? FindParallelConsumer(out string missing)
    {
        const string variable = "PARALLEL_CONSUMER_HOME";
        missing = "";
        var home = Environment.GetEnvironmentVariable(variable);
        if (home is not { Length: > 0 }) missing = $"{variable} is not set (a folder with the driver's 'run')";
        else if (!File.Exists(Path.Combine(home, "run"))) missing = $"{variable}: {Path.Combine(home, "run")} does not exist";
        else if (TestKit.ChildProcess.Find("javac") is null) missing = "no javac on PATH (Debian: apt-get install openjdk-17-jdk-headless)";
        if (missing.Length > 0) return null;

        // The driver writes to TOPIC-replies, which is our REPLIES.
        var run = Path.Combine(home!, "run");
        return new OutsideArm(ArmKind.ParallelConsumer, $"NOSEED=1 exec '{run}' \"$PARTITIONS\" \"$CONCURRENCY\" \"$LATENCY_MS\" \"$RECORDS\"");
    }
}
