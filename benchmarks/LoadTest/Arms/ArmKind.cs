namespace Parley.LoadTest.Arms;

/// <summary>The arms of a comparison, by the names in commands and results.</summary>
internal static class ArmKind
{
    public const string Parley = "parley";

    /// <summary>Consume and produce with Confluent.Kafka, nothing between: the ceiling.</summary>
    public const string Raw = "raw";

    /// <summary>Consume, and produce what a turn produces, nothing between: what Confluent.Kafka alone takes for a turn.</summary>
    public const string Client = "client";

    /// <summary>One consumer a partition, one message after the other: the floor.</summary>
    public const string Sequential = "sequential";

    /// <summary>A fixed number of lanes, chosen by the key's hash.</summary>
    public const string HashLanes = "hash-lanes";

    /// <summary>Confluent Parallel Consumer, by the driver that PARALLEL_CONSUMER_HOME names.</summary>
    public const string ParallelConsumer = "parallel-consumer";

    /// <summary>Parley's host that takes webhooks.</summary>
    public const string Ingest = "ingest";

    /// <summary>Parley's host that sends.</summary>
    public const string Dispatcher = "dispatcher";

    /// <summary>A bare web server that produces what it is sent: the ceiling of taking in.</summary>
    public const string Kestrel = "kestrel";

    /// <summary>Not an arm to compare: the engine behind gRPC.</summary>
    public const string GrpcEngine = "grpc-engine";

    /// <summary>Not an arm to compare: keeps the processors awake.</summary>
    public const string Awake = "awake";
}
