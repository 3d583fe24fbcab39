namespace Grpc.Core;

/// <summary>What every generated client is, knowing its own type.</summary>
public abstract class ClientBase<T> : ClientBase
    where T : ClientBase<T>
{
    /// <summary>A client whose methods are all overridden, as a test may want it.</summary>
    protected ClientBase()
    {
    }

    /// <summary>A client of the server at the other end of a channel.</summary>
    protected ClientBase(ChannelBase channel)
        : base(channel)
    {
    }

    /// <summary>A client that starts its calls with this invoker.</summary>
    protected ClientBase(CallInvoker callInvoker)
        : base(callInvoker)
    {
    }

    /// <summary>A client made from another one's configuration.</summary>
    protected ClientBase(ClientBaseConfiguration configuration)
        : base(configuration)
    {
    }

    /// <summary>A client of the same type. Generated clients override it.</summary>
    protected abstract T NewInstance(ClientBaseConfiguration configuration);
}
