using Grpc.Core;
using Parley.Engine.V1;
using Parley.LoadTest.Brokers;
using Parley.Processor.Engine;

namespace Parley.LoadTest.Arms;

/// <summary>An engine inside the processor's process that waits and echoes the text: what the peer's driver has for an engine, too.</summary>
/// <param name="park">The wait.</param>
/// <param name="slowTenant">What becomes of the first tenant's calls instead: "fail", "hang", or empty for nothing.</param>
internal sealed class ParkEngine(Park park, string slowTenant) : IEngine
{
    public async Task<ProcessMessageResponse> ProcessAsync(ProcessMessageRequest request, DateTime deadline, CancellationToken cancellation)
    {
        if (slowTenant.Length > 0 && request.TenantId == SeededMessage.TenantId(0))
        {
            if (slowTenant == "hang") await Task.Delay(deadline - DateTime.UtcNow, cancellation);
            throw new RpcException(new Status(slowTenant == "hang" ? StatusCode.DeadlineExceeded : StatusCode.Internal, "told to " + slowTenant));
        }

        await park.WaitAsync();
        return Answer(request);
    }

    public Task<bool> IsServingAsync(DateTime deadline, CancellationToken cancellation) => Task.FromResult(true);

    public static ProcessMessageResponse Answer(ProcessMessageRequest request) => new()
    {
        Success = true,
        MessageId = request.Messages[^1].MessageId,
        TenantId = request.TenantId,
        ConversationId = request.ConversationId,
        ResponseContent = request.Messages[^1].Content.Text,
        ResponseType = "text",
    };
}
