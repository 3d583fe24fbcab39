namespace Grpc.Core;

/// <summary>A way to a server, shared by any number of clients and calls.</summary>
public abstract class ChannelBase
{
    /// <summary>A channel to an address.</summary>
    protected ChannelBase(string target)
    {
        ArgumentNullException.ThrowIfNull(target);
        Target = target;
    }

    /// <summary>The server's host and port.</summary>
    public string Target { get; }

    /// <summary>What a client starts its calls with.</summary>
    public abstract CallInvoker CreateCallInvoker();
}
