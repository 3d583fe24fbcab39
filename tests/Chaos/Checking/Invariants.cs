namespace Parley.Chaos.Checking;

/// <summary>Every invariant of a run, in the order of the report.</summary>
internal static class Invariants
{
    public static IReadOnlyList<Invariant> All { get; } =
    [
        new("S1 no loss", "each accepted message is in the store once, its turn has one reply, and the reply was taken by the channel or its end is explained", NoLoss.Breaches),
        new("S2 no invention", "what the engine, the store and the channel saw was handed in with a good signature", NoInvention.Breaches),
        new("S3 no duplicate", "one turn a message, one reply a turn, one send a reply, one record a delivery", NoDuplicate.Breaches),
        new("S4 agreement", "the reply of the engine, of the store and of the channel is the same text", Agreement.Breaches),
        new("S5 order in", "turns take a conversation's messages in the order in which they were accepted", OrderIn.Breaches),
        new("S6 order out", "the channel takes a conversation's replies in the order of the turns", OrderOut.Breaches),
        new("S7 hash chain", "the chain recomputed from the stored turns is the one in every reply and in the stored state", Chain.Breaches),
        new("S8 isolation", "a tenant's canary is never seen with another tenant", Isolation.Breaches),
        new("S9 offsets", "no offset is committed before its record, and all records before it, are done", CommittedOffsets.Breaches),
        new("S10 fencing", "the versions of a conversation's turns are 1, 2, 3 … to the version of its state", Fencing.Breaches),
        new("A1 answers", "Ingest answers good calls 2xx, or 503 and cuts under a fault; bad signatures 401, foreign accounts 403", Answers.Breaches),
        new("L1 liveness", "after the faults everything is done within the limit", Liveness.Breaches),
        new("L2 neighbours", "while one tenant's engine hangs, the others go on", Neighbours.Breaches),
        new("R1 memory", "no process is larger than the limit", Resources.Breaches),
    ];

    public static IReadOnlyList<Violation> Check(Evidence evidence) =>
        [.. All.SelectMany(invariant => invariant.Breaches(evidence).Select(what => new Violation(invariant.Name, what)))];
}
