namespace Grpc.Core;

// A call that somebody else runs: what the public constructors of the call types are given.
internal sealed class DelegatedCall(
    Task<Metadata> responseHeadersAsync,
    Func<Status> getStatusFunc,
    Func<Metadata> getTrailersFunc,
    Action disposeAction) : CallState
{
    public override Task<Metadata> ResponseHeadersAsync => responseHeadersAsync;

    public override Status GetStatus() => getStatusFunc();

    public override Metadata GetTrailers() => getTrailersFunc();

    public override void Dispose() => disposeAction();
}
