namespace Parley.LoadTest;

/// <summary>What an arm is given to do: one seeded topic and the terms on which it is worked off.</summary>
internal sealed record Load
{
    /// <summary>Records on the topic.</summary>
    public int Records { get; init; } = 20_000;

    /// <summary>Partitions of every topic.</summary>
    public int Partitions { get; init; } = 1;

    /// <summary>Distinct keys.</summary>
    public int Conversations { get; init; } = 10_000;

    /// <summary>Exponent of Zipf's law over the conversations; 0 for all alike.</summary>
    public double Zipf { get; init; }

    /// <summary>Bytes of a record's value, about; the text is filled up to it.</summary>
    public int MessageBytes { get; init; } = 512;

    /// <summary>Conversations are dealt out to the tenants in turn.</summary>
    public int Tenants { get; init; } = 1;

    /// <summary>How long the engine takes for a turn, in milliseconds.</summary>
    public double LatencyMs { get; init; }

    /// <summary>Turns that may be in the engine at once.</summary>
    public int Permits { get; init; } = 256;

    /// <summary>Processes that share the work.</summary>
    public int Consumers { get; init; } = 1;

    /// <summary>none, sqlite or postgresql. Only Parley has one.</summary>
    public string Store { get; init; } = "none";

    /// <summary>park: waits in the process; grpc: waits behind a gRPC call. Only Parley has the choice.</summary>
    public string Engine { get; init; } = "park";

    /// <summary>Turns a second that the engine allows at most; infinite for an engine that takes no time.</summary>
    public double EngineBound => LatencyMs > 0 ? Permits * Consumers * 1000 / LatencyMs : double.PositiveInfinity;

    /// <summary>Whether the same records serve both.</summary>
    public bool SameTopic(Load other) => (Records, Partitions, Conversations, Zipf, MessageBytes, Tenants)
        == (other.Records, other.Partitions, other.Conversations, other.Zipf, other.MessageBytes, other.Tenants);
}
