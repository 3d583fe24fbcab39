using Grpc.Core;
using Parley.Engine.V1;

namespace Parley.Processor.Engine;

/// <summary>The bot, as the wire contract has it. Failures are <see cref="RpcException"/>s with a gRPC status.</summary>
public interface IEngine
{
    /// <param name="request">One turn.</param>
    /// <param name="deadline">UTC; the engine is told, and the call ends then with DEADLINE_EXCEEDED.</param>
    /// <param name="cancellation">Ends the call with CANCELLED.</param>
    Task<ProcessMessageResponse> ProcessAsync(ProcessMessageRequest request, DateTime deadline, CancellationToken cancellation);

    /// <summary>Whether it says that it can take calls.</summary>
    Task<bool> IsServingAsync(DateTime deadline, CancellationToken cancellation);
}

/// <summary>Makes the engine behind an address.</summary>
public delegate IEngine EngineFactory(string address);
