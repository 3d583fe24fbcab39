using Parley.Engine.V1;
using Parley.Processor.Engine;

namespace Parley.Standalone.DemoEngine;

/// <summary>The demo assistant as the engine behind the address <see cref="Address"/>: no process, no network.</summary>
internal sealed class InProcessEngine(TimeProvider time) : IEngine
{
    /// <summary>The value of Engine:Address or of a tenant's EngineAddress that means this engine.</summary>
    public const string Address = "demo";

    public Task<ProcessMessageResponse> ProcessAsync(ProcessMessageRequest request, DateTime deadline, CancellationToken cancellation) =>
        Task.FromResult(Assistant.Answer(request, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime)));

    public Task<bool> IsServingAsync(DateTime deadline, CancellationToken cancellation) => Task.FromResult(true);
}
