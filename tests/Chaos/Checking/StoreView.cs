namespace Parley.Chaos.Checking;

/// <summary>What the store holds at the end.</summary>
internal sealed record StoreView
{
    public IReadOnlyList<StoredMessageRow> Messages { get; init; } = [];
    public IReadOnlyList<TurnRow> Turns { get; init; } = [];
    public IReadOnlyList<ReplyRow> Replies { get; init; } = [];
    public IReadOnlyList<ConversationRow> Conversations { get; init; } = [];

    /// <summary>Messages that are still parked: they have their place in the history and no answer.</summary>
    public IReadOnlySet<(string Tenant, string ConversationId, long Seq)> Parked { get; init; } = new HashSet<(string, string, long)>();
}

internal sealed record StoredMessageRow(
    string Tenant, string MessageId, string ConversationId, long Seq, string TurnId, string Text, int Partition, long Offset, long CommittedMicroseconds);

internal sealed record TurnRow(string Tenant, string TurnId, string ConversationId, long Version);

internal sealed record ReplyRow(string Tenant, string ReplyId, string ConversationId, long Seq, string TurnId, string Text, string State, string Delivery, string Reason);

internal sealed record ConversationRow(string Tenant, string ConversationId, long Version, string Status, string Hash);

/// <summary>What lies on the topics at the end.</summary>
internal sealed record TopicView
{
    public IReadOnlyList<InboundRecord> Inbound { get; init; } = [];

    /// <summary>The texts of the replies on <c>parley.outbound</c>, with the tenant of their key.</summary>
    public IReadOnlyList<OutboundRecord> Outbound { get; init; } = [];

    /// <summary>Reasons of the dead letters.</summary>
    public IReadOnlyList<string> Dead { get; init; } = [];
}

/// <summary>A message's record.</summary>
internal sealed record InboundRecord(int Partition, long Offset, string Tenant, string MessageId, string Text);

internal sealed record OutboundRecord(int Partition, string Tenant, string ReplyId, string Text);
