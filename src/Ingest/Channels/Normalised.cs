using Parley.Common.Records;

namespace Parley.Ingest.Channels;

/// <summary>What a verified webhook call turned out to say.</summary>
internal abstract record Normalised
{
    private Normalised() { }

    /// <summary>Messages and receipts to publish, in order.</summary>
    /// <param name="Skipped">What is known and of no use here (other fields, statuses without meaning): counted, not kept.</param>
    /// <param name="Problems">What could not be read. When there is any, the whole body goes to the dead letters as well.</param>
    public sealed record Batch(
        IReadOnlyList<InboundMessage> Messages, IReadOnlyList<Receipt> Receipts, IReadOnlyList<string> Skipped, IReadOnlyList<string> Problems) : Normalised;

    /// <summary>A registration check that comes as a POST; answered with this text.</summary>
    public sealed record Challenge(string Text) : Normalised;

    /// <summary>Nothing in it can be read; the body goes to the dead letters and the call is answered 200, as a repeat would be no better.</summary>
    public sealed record Unreadable(string Reason) : Normalised;

    /// <summary>The signed body is about another account than the route's: refused, nothing of it is kept.</summary>
    public sealed record WrongAccount(string Named) : Normalised;
}
