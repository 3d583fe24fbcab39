using Parley.Common.Records;
using Parley.Engine.V1;

namespace Parley.Processor.Engine;

/// <summary>Whether an answer is one, and the request's. An engine is untrusted: another conversation's answer must never reach this customer.</summary>
internal static class AnswerCheck
{
    private const int MaxActions = 50;

    /// <summary>With the context that is kept of it, what a record and a row take without trouble.</summary>
    private const int MaxBytes = 512 * 1024;

    public static EngineOutcome Judge(ProcessMessageRequest request, ProcessMessageResponse response)
    {
        var expected = request.Messages[^1].MessageId;
        if (response.MessageId != expected) return Refused($"message_id is '{response.MessageId}', asked was '{expected}'");
        if (response.TenantId != request.TenantId) return Refused($"tenant_id is '{response.TenantId}', asked was '{request.TenantId}'");
        if (response.ConversationId.Length > 0 && response.ConversationId != request.ConversationId)
        {
            return Refused($"conversation_id is '{response.ConversationId}', asked was '{request.ConversationId}'");
        }

        if (!response.Success)
        {
            var reason = $"the engine says {response.Error?.Code}: {response.Error?.Message}";
            return response.Error?.Retryable == true ? new EngineOutcome.Failed(reason) : new EngineOutcome.Refused(reason);
        }

        if (response.ResponseType is not ("" or "text" or "choices" or "none")) return Refused($"response_type '{response.ResponseType}' is not known");
        if (response.ResponseContent.Length > 4 * Limits.TextChars) return Refused($"response_content has more than {4 * Limits.TextChars} characters");
        if (response.CalculateSize() > MaxBytes) return Refused($"it has more than {MaxBytes} bytes");
        if (response.SuggestedActions.Count > MaxActions) return Refused($"suggested_actions has more than {MaxActions} items");
        return new EngineOutcome.Answered(response);
    }

    private static EngineOutcome.Refused Refused(string reason) => new("the answer is not valid: " + reason);
}
