using Parley.Common.Conversations;

namespace Parley.Unit.SmallScope;

/// <summary>One process: its consumer, and what runs in its lanes. A process that has crashed is a new one.</summary>
internal sealed class SmallProcess
{
    private static readonly IComparer<ConversationKey> Order = Comparer<ConversationKey>.Create((a, b) => string.CompareOrdinal(a.ConversationId, b.ConversationId));

    public SmallProcess() => (Consumer, Runs) = (new SmallConsumer(), new(Order));

    private SmallProcess(SmallProcess other) => (Consumer, Runs, LearnsLate, MayHaveRunBefore) = (other.Consumer.Copy(), new(other.Runs, Order), other.LearnsLate, other.MayHaveRunBefore);

    public SmallConsumer Consumer { get; }

    /// <summary>What each running lane has come to: values, never changed, only replaced.</summary>
    public SortedList<ConversationKey, SmallRun> Runs { get; }

    /// <summary>Whether it does all it has polled before it learns that its partition is gone; else it learns when a run ends.</summary>
    public bool LearnsLate { get; set; }

    /// <summary>Offsets below this an earlier owner may have begun on.</summary>
    public long MayHaveRunBefore { get; set; }

    public SmallProcess Copy() => new(this);

    /// <summary>Starts what may start.</summary>
    public void Pump(int most, Func<ConversationKey, IReadOnlyList<long>, SmallRun> begin)
    {
        while (Consumer.Start(most) is var (key, offsets)) Runs.Add(key, begin(key, offsets));
    }

    public string Print() => $"[{Consumer.Print}{(LearnsLate ? " late" : "")}|{MayHaveRunBefore}|{string.Join(' ', Runs.Select(r => $"{r.Key.ConversationId}:{r.Value.Print}"))}]";
}

/// <summary>A run of a lane.</summary>
internal abstract record SmallRun
{
    /// <summary>The same for two runs that will behave the same in the same world.</summary>
    public abstract string Print { get; }
}
