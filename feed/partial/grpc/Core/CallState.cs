namespace Grpc.Core;

// What the four call types ask of a call under way, whoever runs it.
internal abstract class CallState
{
    public abstract Task<Metadata> ResponseHeadersAsync { get; }

    public abstract Status GetStatus();

    public abstract Metadata GetTrailers();

    public abstract void Dispose();
}
