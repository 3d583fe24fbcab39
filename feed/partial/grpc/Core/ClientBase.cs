namespace Grpc.Core;

/// <summary>What every generated client is.</summary>
public abstract class ClientBase
{
    private readonly CallInvoker? _invoker;

    /// <summary>A client whose methods are all overridden, as a test may want it.</summary>
    protected ClientBase()
    {
    }

    /// <summary>A client of the server at the other end of a channel.</summary>
    protected ClientBase(ChannelBase channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        _invoker = channel.CreateCallInvoker();
    }

    /// <summary>A client that starts its calls with this invoker.</summary>
    protected ClientBase(CallInvoker callInvoker)
    {
        ArgumentNullException.ThrowIfNull(callInvoker);
        _invoker = callInvoker;
    }

    /// <summary>A client made from another one's configuration.</summary>
    protected ClientBase(ClientBaseConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        _invoker = configuration.CallInvoker;
    }

    /// <summary>Starts the calls.</summary>
    /// <exception cref="InvalidOperationException">The client was made without a channel.</exception>
    protected CallInvoker CallInvoker => _invoker
        ?? throw new InvalidOperationException($"{GetType().Name} was made without a channel and cannot make calls.");

    /// <summary>How a client is set up. Generated clients name it in their constructors.</summary>
    protected internal class ClientBaseConfiguration
    {
        internal ClientBaseConfiguration(CallInvoker callInvoker) => CallInvoker = callInvoker;

        internal CallInvoker CallInvoker { get; }
    }
}
