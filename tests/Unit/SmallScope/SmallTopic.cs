namespace Parley.Unit.SmallScope;

/// <summary>One partition: its log, what is committed, and which of the two processes owns it by the broker's count.</summary>
internal sealed class SmallTopic
{
    public SmallTopic() => Log = [];

    private SmallTopic(SmallTopic other) => (Log, Committed, Owner) = ([.. other.Log], other.Committed, other.Owner);

    public List<object> Log { get; }
    public long Committed { get; set; }
    public int Owner { get; set; }

    public SmallTopic Copy() => new(this);
}
