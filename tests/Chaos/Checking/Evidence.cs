using Parley.Chaos.History;
using Parley.Chaos.Workload;

namespace Parley.Chaos.Checking;

/// <summary>All that a verdict goes by: what the actors outside saw, what the store holds, what lies on the topics.</summary>
internal sealed record Evidence
{
    public IReadOnlyList<ChaosTenant> Tenants { get; init; } = [];
    public IReadOnlyList<Delivery> Deliveries { get; init; } = [];
    public IReadOnlyList<EngineCall> Calls { get; init; } = [];
    public IReadOnlyList<AcceptedSend> Sends { get; init; } = [];
    public IReadOnlyList<OffsetSample> Offsets { get; init; } = [];
    public IReadOnlyList<FaultEvent> Faults { get; init; } = [];
    public IReadOnlyList<ProcessEvent> Told { get; init; } = [];
    public IReadOnlyList<MemorySample> Memory { get; init; } = [];
    public StoreView Store { get; init; } = new();
    public TopicView Topics { get; init; } = new();

    /// <summary>How long it took after the last fault until nothing was left to do; null when the wait was given up.</summary>
    public TimeSpan? Drained { get; init; } = TimeSpan.Zero;

    /// <summary>What was left when the wait was given up.</summary>
    public string Left { get; init; } = "";

    public static Evidence Of(IEnumerable<HistoryEvent> events, StoreView store, TopicView topics) => new()
    {
        Deliveries = [.. events.OfType<Delivery>()],
        Calls = [.. events.OfType<EngineCall>()],
        Sends = [.. events.OfType<AcceptedSend>()],
        Offsets = [.. events.OfType<OffsetSample>()],
        Faults = [.. events.OfType<FaultEvent>()],
        Told = [.. events.OfType<ProcessEvent>()],
        Memory = [.. events.OfType<MemorySample>()],
        Store = store,
        Topics = topics,
    };

    /// <summary>Messages that were accepted: one of their deliveries was answered 2xx.</summary>
    public HashSet<MessageKey> Accepted() =>
        [.. Deliveries.Where(d => d.Intent == Intent.Valid && d.Outcome == Outcome.Ok).SelectMany(d => d.Messages)];

    /// <summary>Messages that were handed in with a good signature, whatever the answer was.</summary>
    public HashSet<MessageKey> Offered() =>
        [.. Deliveries.Where(d => d.Intent == Intent.Valid && d.Outcome != Outcome.Fail).SelectMany(d => d.Messages)];
}

/// <summary>A breach, in words that name the message, reply or conversation.</summary>
internal sealed record Violation(string Invariant, string What);

/// <summary>One invariant: its name, its statement, and what in the evidence breaks it.</summary>
internal sealed record Invariant(string Name, string Statement, Func<Evidence, IEnumerable<string>> Breaches);
