using Parley.Engine.V1;
using Parley.Processor.Engine;

namespace Parley.LoadTest.Arms;

/// <summary>An engine inside the processor's process that waits and echoes the text: what the peer's driver has for an engine, too.</summary>
internal sealed class ParkEngine(Park park) : IEngine
{
    public async Task<ProcessMessageResponse> ProcessAsync(ProcessMessageRequest request, DateTime deadline, CancellationToken cancellation)
    {
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
