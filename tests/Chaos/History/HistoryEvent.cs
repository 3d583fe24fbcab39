using System.Text.Json.Serialization;

namespace Parley.Chaos.History;

/// <summary>How a call ended for its caller.</summary>
internal enum Outcome
{
    /// <summary>Certainly done: a 2xx, an acknowledgement.</summary>
    Ok,

    /// <summary>Certainly not done: a 4xx.</summary>
    Fail,

    /// <summary>Nobody knows: a timeout, a cut connection, a 5xx. It may have happened.</summary>
    Info,
}

/// <summary>What a call to Ingest was meant to be.</summary>
internal enum Intent { Valid, BadSignature, ForeignAccount, Corrupt }

/// <summary>Something that an actor outside the killed processes saw. Times are monotonic nanoseconds of the runner.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "f")]
[JsonDerivedType(typeof(Delivery), "ingest")]
[JsonDerivedType(typeof(EngineCall), "engine")]
[JsonDerivedType(typeof(AcceptedSend), "send")]
[JsonDerivedType(typeof(OffsetSample), "offset")]
[JsonDerivedType(typeof(FaultEvent), "fault")]
[JsonDerivedType(typeof(ProcessEvent), "proc")]
[JsonDerivedType(typeof(MemorySample), "memory")]
internal abstract record HistoryEvent(string Actor, long At);

/// <summary>One message as the workload knows it. The same names are used in every tenant, so that a filter that is dropped shows.</summary>
internal readonly record struct MessageKey(string Tenant, string Conversation, int Seq)
{
    public override string ToString() => $"{Tenant}/{Conversation}/{Seq}";
}

/// <summary>One attempt to hand messages in: invoked at <see cref="HistoryEvent.At"/>, ended at <paramref name="EndedAt"/>.</summary>
internal sealed record Delivery(
    string Actor, long At, long EndedAt, Intent Intent, IReadOnlyList<MessageKey> Messages, Outcome Outcome, int Status) : HistoryEvent(Actor, At);

/// <summary>A call that the engine answered: when it came in, what it was given and what it gave.</summary>
/// <param name="Canary">Of the tenant whose context the request carried; null in a first turn.</param>
internal sealed record EngineCall(
    string Actor, long At, string Tenant, string ConversationId, string RequestId, IReadOnlyList<string> MessageIds, IReadOnlyList<string> Texts,
    string Before, string After, string? Canary, string Reply) : HistoryEvent(Actor, At);

/// <summary>A message that the channel took, written down before any fault.</summary>
/// <param name="Tenant">Whose account the message left on.</param>
/// <param name="TokenTenant">Whose token it left with.</param>
/// <param name="AnswerLost">The channel took it and the dispatcher was not told.</param>
internal sealed record AcceptedSend(
    string Actor, long At, string Tenant, string TokenTenant, string To, string? ReplyId, string ProviderId, string Text, bool AnswerLost) : HistoryEvent(Actor, At);

/// <summary>A committed offset, with the wall clock in microseconds since 1970 for comparison with the store's.</summary>
internal sealed record OffsetSample(string Actor, long At, long WallMicroseconds, int Partition, long Offset) : HistoryEvent(Actor, At);

/// <summary>A fault, from its beginning to the end of what the runner did.</summary>
/// <param name="Owned">The partitions the victim owned, for the time of recovery.</param>
internal sealed record FaultEvent(string Actor, long At, long EndedAt, string Name, string Victim, IReadOnlyList<int> Owned) : HistoryEvent(Actor, At);

/// <summary>Something a process told of itself in its log, by the runner's name for it.</summary>
internal sealed record ProcessEvent(string Actor, long At, string What) : HistoryEvent(Actor, At);

internal sealed record MemorySample(string Actor, long At, long ResidentKilobytes) : HistoryEvent(Actor, At);
