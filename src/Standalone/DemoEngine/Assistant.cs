using Parley.Engine.V1;

namespace Parley.Standalone.DemoEngine;

/// <summary>
/// The demo engine: an assistant for the orders of a shop. A pure function: the same request on the same day gives the same answer, and all
/// it knows of a conversation comes with the request. <c>samples/engine-python</c> is the same assistant as a separate server.
/// </summary>
internal static class Assistant
{
    /// <param name="request">One turn; its messages are answered one after the other.</param>
    /// <param name="today">The day, for a message that does not say when it was sent: dates in the answer count from it.</param>
    public static ProcessMessageResponse Answer(ProcessMessageRequest request, DateOnly today)
    {
        if (request.Messages[^1].SentAt is { } sent) today = DateOnly.FromDateTime(sent.ToDateTime());
        var before = Memory.Read(request.Context);
        var answers = new List<Answer>();
        foreach (var message in request.Messages)
        {
            var memory = answers.Count == 0 ? before : answers[^1].Memory;
            answers.Add(Attachments.Answer(memory, message.Content ?? new Content(), FirstName(memory, request.User), today));
        }

        return ToResponse(request, before, answers);
    }

    /// <summary>The name the customer gave here, else the first word of the channel's profile name; null when it is not a name.</summary>
    private static string? FirstName(Memory memory, User? user)
    {
        if (memory.Name is not null) return memory.Name;

        var first = (user?.DisplayName ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault() ?? "";
        return first.Length is > 1 and <= 30 && first.All(char.IsLetter) ? first : null;
    }

    private static ProcessMessageResponse ToResponse(ProcessMessageRequest request, Memory before, List<Answer> answers)
    {
        var last = answers[^1];
        var (old, next) = (before.Write(), last.Memory.Write());
        var text = string.Join("\n\n", answers.Select(a => a.Text).Where(t => t.Length > 0).Distinct());
        var response = new ProcessMessageResponse
        {
            Success = true,
            MessageId = request.Messages[^1].MessageId,
            ConversationId = request.ConversationId,
            TenantId = request.TenantId,
            ResponseContent = text,
            ResponseType = text.Length == 0 ? "none" : last.Suggestions.Count > 0 ? "choices" : "text",
            ConfidenceScore = last.Confidence,
            UpdatedContext = next,
            ModelUsed = "order-assistant",
            ModelProvider = "parley-demo",
            HandOff = answers.Any(a => a.HandOff),
        };
        response.ContextChanges.AddRange(old.Fields.Keys.Union(next.Fields.Keys)
            .Where(name => !Equals(old.Fields.GetValueOrDefault(name), next.Fields.GetValueOrDefault(name))).Order(StringComparer.Ordinal));
        if (last.Memory.Expecting is { } expected) response.NextExpectedInputs.Add(expected);
        response.SuggestedActions.AddRange(last.Suggestions.Select(s => new SuggestedAction { Id = s.Id, Title = s.Title }));
        return response;
    }
}
