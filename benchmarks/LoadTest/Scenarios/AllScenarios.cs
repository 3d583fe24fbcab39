namespace Parley.LoadTest.Scenarios;

/// <summary>The scenarios, in the order of the table.</summary>
internal static class AllScenarios
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("permits", "engine 100 ms, 256 permits, 10,000 conversations, 1 and 12 partitions; in the long form with the peer", EngineBoundScenario.PermitsAsync, InTable: true),
        new("permits-10ms", "engine 10 ms, 256 permits, 1 partition, with the peer", EngineBoundScenario.ShortAsync, InTable: true),
        new("zipf", "engine 100 ms, 256 permits, a few conversations much busier than the rest (Zipf 0.5)", EngineBoundScenario.ZipfAsync, InTable: true),
        new("peak", "engine 0 ms, no store: against consume and produce alone, and the peer", PeakScenario.RunAsync, InTable: true),
        new("pipeline", "PostgreSQL, engine 0 ms: the processor, and all from webhook to channel call", PipelineScenario.RunAsync, InTable: true, OnDisk: true),
        new("ingest", "webhooks accepted: Parley's host against a bare web server that produces", IngestScenario.RunAsync, InTable: true),
        new("latency", "webhook to channel call at 500/s against produce-consume twice", LatencyScenario.RunAsync, InTable: true, OnDisk: true),
        new("overload", "ten times the load until 500,000 records wait: memory of the processor", OverloadScenario.RunAsync, InTable: true),
        new("allocations", "bytes a message allocates in each step, against budgets", AllocationsScenario.RunAsync, InTable: true),
        new("kill", "kill -9 three times in 60,000 records: nothing lost, doubled or out of order", KillScenario.RunAsync, InTable: true, OnDisk: true),
        new("partitions", "engine 100 ms, 1,000 conversations: one partition against twelve", EngineBoundScenario.PartitionsAsync),
        new("neighbour", "one tenant at 100 times the rate, failing, hanging: p99 of the others", NeighbourScenario.RunAsync),
        new("churn", "a processor joins or leaves every 2 s", ChurnScenario.RunAsync),
        new("growth", "partitions, conversations, engine concurrency, message size, tenants, consumers", GrowthScenario.RunAsync),
        new("drain", "closed loop on your own terms (--records, --latency, --store, …): Parley alone", CustomScenario.DrainAsync),
        new("open", "open loop on your own terms (--rate, --seconds, …): latencies from the intended times", CustomScenario.OpenAsync),
        new("floor", "engine 10 ms, 12 partitions: one message after the other, hash lanes, Parley", EngineBoundScenario.FloorAsync),
        new("grpc", "engine 100 ms behind gRPC instead of in the process", EngineBoundScenario.GrpcAsync),
    ];

    /// <exception cref="BenchException">There is none of that name.</exception>
    public static Scenario Find(string name) => All.FirstOrDefault(s => s.Name == name)
        ?? throw new BenchException($"no scenario '{name}'; there are {string.Join(", ", All.Select(s => s.Name))}");
}
