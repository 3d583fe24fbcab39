using Parley.Engine.V1;

namespace Parley.Processor.Engine;

/// <summary>How a call of the engine ended.</summary>
internal abstract record EngineOutcome
{
    private EngineOutcome() { }

    /// <summary>It answered, and the answer belongs to the request.</summary>
    public sealed record Answered(ProcessMessageResponse Response) : EngineOutcome;

    /// <summary>The engine as a whole cannot be reached: nobody's turn would fare better now.</summary>
    public sealed record Down(string Reason, TimeSpan RetryAfter) : EngineOutcome;

    /// <summary>This call failed in a way that may pass: a deadline, an overload, an error the engine calls retryable.</summary>
    public sealed record Failed(string Reason) : EngineOutcome;

    /// <summary>The engine refused this request, or gave an answer that is not one: a repetition would end the same.</summary>
    public sealed record Refused(string Reason) : EngineOutcome;
}
