namespace Parley.Common.Records;

/// <summary>What a record of <c>parley.inbound</c> or <c>parley.outbound</c> turned out to be.</summary>
public abstract record DecodedRecord
{
    private DecodedRecord() { }

    public sealed record OfMessage(InboundMessage Message) : DecodedRecord;

    public sealed record OfReceipt(Receipt Receipt) : DecodedRecord;

    public sealed record OfCommand(ConversationCommand Command) : DecodedRecord;

    public sealed record OfReply(Reply Reply) : DecodedRecord;

    /// <summary>It cannot be read; the record belongs into the dead letters.</summary>
    /// <param name="Reason">Names the header or member that is wrong.</param>
    public sealed record Unreadable(string Reason) : DecodedRecord;
}
